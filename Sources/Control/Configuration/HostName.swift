/// Host names as sites and origins write them: RFC 1123 section 2.1, with underscores tolerated.
enum HostName {
  /// The longest name: RFC 1035 section 2.3.4.
  static let bytesMax = 253
  /// The longest label between two dots.
  static let labelBytesMax = 63

  /// Whether `text` is a host name or an IPv4 address, without port.
  static func isHost(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= bytesMax else { return false }
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { label in
        !label.isEmpty && label.count <= labelBytesMax && label.allSatisfy(isLabelByte)
          && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
      }
  }

  /// Whether `text` is a host name, `*.` and one, or `*`.
  static func isPattern(_ text: String) -> Bool {
    text == "*" || isHost(text.hasPrefix("*.") ? String(text.dropFirst(2)) : text)
  }

  private static func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
