/// Weights of RFC 9110 section 12.4.2.
public enum Quality {
  /// The weight behind an element's name in thousandths; 1000 where there is none.
  ///
  /// A malformed weight counts as zero: what was not clearly asked for is not sent.
  ///
  /// - Parameters:
  ///   - item: one list element.
  ///   - start: the end of its name.
  /// - Returns: 0 to 1000.
  public static func of(_ item: Span<UInt8>, from start: Int) -> UInt16 {
    read(item, from: start) ?? 0
  }

  /// The same, and `nil` where it is malformed.
  static func read(_ item: Span<UInt8>, from start: Int) -> UInt16? {
    var index = start
    while index < item.count {
      while index < item.count, item[index].isSpace { index &+= 1 }
      guard index < item.count, item[index] == UInt8(ascii: ";") else { return nil }
      index &+= 1
      while index < item.count, item[index].isSpace { index &+= 1 }
      var end = index
      while end < item.count, item[end] != UInt8(ascii: ";") { end &+= 1 }
      if item.extracting(index..<end).hasPrefixIgnoringCase("q=") {
        let weight = item.trimmed(ByteRange(from: index &+ 2, to: end))
        return thousandths(item.slice(weight))
      }
      index = end
    }
    return 1000
  }

  /// `0`, `0.7`, `1.000`: one digit and up to three decimals, at most one.
  static func thousandths(_ text: Span<UInt8>) -> UInt16? {
    guard text.count >= 1, text.count <= 5,
      text[0] == UInt8(ascii: "0") || text[0] == UInt8(ascii: "1")
    else { return nil }
    var value = UInt16(text[0] &- UInt8(ascii: "0"))
    guard text.count == 1 || text[1] == UInt8(ascii: ".") else { return nil }
    for place in 2..<5 {
      guard place < text.count else {
        value &*= 10
        continue
      }
      guard text[place].isDigit else { return nil }
      value = value &* 10 &+ UInt16(text[place] &- UInt8(ascii: "0"))
    }
    return value <= 1000 ? value : nil
  }
}
