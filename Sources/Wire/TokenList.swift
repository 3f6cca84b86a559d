/// Walks a comma-separated list: the form of Connection, Vary, Transfer-Encoding and many more.
///
/// Empty elements are skipped and white space around elements is left away; a comma within a quoted
/// string does not separate (RFC 9110 section 5.6.1). A quote that is not closed is a character
/// like others, so that it hides nothing of what follows.
public struct TokenList: Sendable {
  private var position: Int
  private let end: Int
  /// A quote was found open: no other can be closed behind it.
  private var hasOpenQuote = false

  /// Walks the list in `value`.
  @inline(__always)
  public init(_ value: ByteRange) {
    position = Int(value.start)
    end = value.end
  }

  /// The next element, or `nil` at the end; `bytes` is what the value counts in.
  public mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
    while position < end {
      let start = position
      while position < end, bytes[position] != UInt8(ascii: ",") {
        if bytes[position] == UInt8(ascii: "\""), !hasOpenQuote {
          if let close = bytes.closingQuote(from: position &+ 1, to: end) {
            position = close
          } else {
            hasOpenQuote = true
          }
        }
        position &+= 1
      }
      let element = bytes.trimmed(ByteRange(from: start, to: position))
      position &+= 1
      if !element.isEmpty { return element }
    }
    return nil
  }
}

extension HeadFields {
  /// Whether a list field named `token` has the element `text`, whatever its case.
  ///
  /// - Parameters:
  ///   - token: a known list field, such as `.connection`.
  ///   - text: the element in lower case.
  ///   - bytes: the head that these fields were parsed from.
  /// - Returns: true where any field line of that name lists it.
  public func lists(_ token: FieldName, _ text: StaticString, in bytes: Span<UInt8>) -> Bool {
    var line = firstIndex(of: token)
    while let index = line {
      var list = TokenList(self[index].value)
      while let element = list.next(in: bytes) {
        if bytes.slice(element).equalsIgnoringCase(text) { return true }
      }
      line = nextIndex(of: token, after: index)
    }
    return false
  }
}

extension Span where Element == UInt8 {
  /// The first quote from `start` on, before `end`, that no backslash stands before.
  func closingQuote(from start: Int, to end: Int) -> Int? {
    var index = start
    while index < end {
      if self[index] == UInt8(ascii: "\"") { return index }
      index &+= self[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }
}
