/// What stands between `<` and `>` of an XML tag: the element's name and its attributes.
extension Span where Element == UInt8 {
  /// The name without its namespace prefix.
  var elementName: Span<UInt8> {
    @_lifetime(copy self)
    get { extracting(elementNameRange) }
  }

  /// Where the name without its namespace prefix stands.
  var elementNameRange: Range<Int> {
    var start = 0
    var end = 0
    while end < count, !isXMLSpace(self[end]), self[end] != UInt8(ascii: "/") {
      if self[end] == UInt8(ascii: ":") { start = end + 1 }
      end += 1
    }
    return start..<end
  }

  /// The value of an attribute; `nil` where it is missing.
  @_lifetime(copy self)
  func attribute(_ name: StaticString) -> Span<UInt8>? {
    var attributes = XMLAttributes(of: self)
    while let attribute = attributes.next(in: self) {
      if extracting(attribute.name).equals(name) { return extracting(attribute.value).trimmed() }
    }
    return nil
  }

  /// The value of the first attribute of this name in any namespace.
  @_lifetime(copy self)
  func attribute(localName: StaticString) -> Span<UInt8>? {
    var attributes = XMLAttributes(of: self)
    while let attribute = attributes.next(in: self) {
      if extracting(attribute.name).elementName.equals(localName) {
        return extracting(attribute.value).trimmed()
      }
    }
    return nil
  }

  /// These bytes without white space, line feeds too, at both ends.
  @_lifetime(copy self)
  func trimmedAsXML() -> Span<UInt8> {
    var start = 0
    var end = count
    while start < end, isXMLSpace(self[start]) { start += 1 }
    while end > start, isXMLSpace(self[end - 1]) { end -= 1 }
    return extracting(start..<end)
  }
}

/// Walks the attributes of one tag.
struct XMLAttributes {
  private var position = 0

  init(of tag: Span<UInt8>) {
    while position < tag.count, !isXMLSpace(tag[position]) { position += 1 }
  }

  /// The next attribute, its value between the quotes with all entities in it.
  mutating func next(in tag: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
    var index = position
    while index < tag.count, isXMLSpace(tag[index]) { index += 1 }
    let nameStart = index
    while index < tag.count, tag[index] != UInt8(ascii: "="), !isXMLSpace(tag[index]) {
      index += 1
    }
    let name = nameStart..<index
    while index < tag.count, !isQuote(tag[index]) { index += 1 }
    guard index < tag.count else {
      position = index
      return nil
    }
    let quote = tag[index]
    let valueStart = index + 1
    index = valueStart
    while index < tag.count, tag[index] != quote { index += 1 }
    position = min(index + 1, tag.count)
    return (name, valueStart..<index)
  }
}

extension Range where Bound == Int {
  /// The same place counted from `distance` further in front.
  func moved(by distance: Int) -> Range<Int> {
    (lowerBound + distance)..<(upperBound + distance)
  }
}

/// Whether `byte` is white space of XML.
@inline(__always)
func isXMLSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == UInt8(ascii: "\n") }

@inline(__always)
private func isQuote(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
}
