/// Recognising requests that have been here before (RFC 8586).
public enum CDNLoop {
  /// How often `identifier` stands in one CDN-Loop value.
  ///
  /// Sum it over the field's lines; parameters of the entries do not matter.
  ///
  /// - Parameters:
  ///   - identifier: this network's cdn-id, a host name or pseudonym.
  ///   - value: one field value.
  /// - Returns: the number of entries with that identifier, compared without regard to case.
  public static func count(of identifier: Span<UInt8>, in value: Span<UInt8>) -> Int {
    var list = TokenList(value.wholeRange)
    var found = 0
    while let entry = list.next(in: value) {
      var end = Int(entry.start)
      while end < entry.end, value[end] != UInt8(ascii: ";"), !value[end].isSpace { end &+= 1 }
      let name = ByteRange(from: Int(entry.start), to: end)
      if value.slice(name).equalsIgnoringCase(identifier) { found &+= 1 }
    }
    return found
  }
}
