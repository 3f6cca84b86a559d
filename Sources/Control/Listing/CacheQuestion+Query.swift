internal import Wire

// The question as the query of `GET /cache`.
extension CacheQuestion {
  /// Reads `prefix=…&limit=…&from=…&format=text`, each at most once, percent-encoded.
  ///
  /// - Returns: `nil` for anything else.
  static func read(_ query: String) -> (question: CacheQuestion, isText: Bool)? {
    var question = CacheQuestion()
    var isText = false
    var seen: Set<Substring> = []
    for part in query.split(separator: "&") {
      guard let mark = part.firstIndex(of: "="), seen.insert(part[..<mark]).inserted,
        let value = decoded(part[part.index(after: mark)...])
      else { return nil }
      switch (part[..<mark], value) {
      case ("prefix", _): question.prefix = value
      case ("from", _): question.cursor = value
      case ("format", "text"): isText = true
      case ("limit", _):
        guard let limit = Int(value), limit > 0 else { return nil }
        question.limit = min(limit, AdminLimits.listEntries)
      default: return nil
      }
    }
    return (question, isText)
  }

  /// The target to ask a node with.
  func target(isText: Bool) -> String {
    "/cache?limit=\(limit)" + (isText ? "&format=text" : "")
      + (prefix.isEmpty ? "" : "&prefix=\(Self.encoded(prefix))")
      + (cursor.isEmpty ? "" : "&from=\(Self.encoded(cursor))")
  }

  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst()?.hexadecimal, let low = rest.popFirst()?.hexadecimal else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Everything but what has no meaning in a query; of the characters of tokens `#`, `%`, `&` and
  /// `+` have one.
  private static func encoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      if byte.isTokenCharacter, ![0x23, 0x25, 0x26, 0x2B].contains(byte) {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return encoded
  }
}
