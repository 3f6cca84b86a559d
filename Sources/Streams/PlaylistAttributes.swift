/// Walks the attribute list of one tag: `NAME=value,NAME="quoted, value"`.
///
/// - Source: draft-pantos-hls-rfc8216bis §4.2.
struct PlaylistAttributes {
  struct Attribute {
    let name: Range<Int>
    /// Without quotes and the blanks around it.
    let value: Range<Int>
  }

  private var position: Int

  init(of line: Span<UInt8>) {
    position = 0
    while position < line.count, line[position] != UInt8(ascii: ":") { position += 1 }
    position += 1
  }

  /// Where the value of the last attribute of this name stands in a line; `nil` without.
  static func value(of name: StaticString, in line: Span<UInt8>) -> Range<Int>? {
    var found: Range<Int>?
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      if line.extracting(attribute.name).equals(name) { found = attribute.value }
    }
    return found
  }

  mutating func next(in line: Span<UInt8>) -> Attribute? {
    while position < line.count,
      line[position] == UInt8(ascii: ",") || isBlank(line[position])
    {
      position += 1
    }
    let start = position
    while position < line.count, line[position] != UInt8(ascii: "=") { position += 1 }
    guard position < line.count else { return nil }
    var nameEnd = position
    while nameEnd > start, isBlank(line[nameEnd - 1]) { nameEnd -= 1 }
    position += 1
    return Attribute(name: start..<nameEnd, value: value(in: line))
  }

  /// Reads up to the next comma outside quotes; a quoted text that never ends takes all the rest.
  private mutating func value(in line: Span<UInt8>) -> Range<Int> {
    let quote = UInt8(ascii: "\"")
    while position < line.count, isBlank(line[position]) { position += 1 }
    let start = position
    guard start < line.count, line[start] == quote else {
      pass(UInt8(ascii: ","), in: line)
      var end = position
      while end > start, isBlank(line[end - 1]) { end -= 1 }
      return start..<end
    }
    position += 1
    pass(quote, in: line)
    let end = position
    pass(UInt8(ascii: ","), in: line)
    return (start + 1)..<end
  }

  private mutating func pass(_ byte: UInt8, in line: Span<UInt8>) {
    while position < line.count, line[position] != byte { position += 1 }
  }
}
