/// Walks a comma-separated list: the form of Connection, Vary, Transfer-Encoding and many more.
///
/// Empty elements are skipped and white space around elements is left away; a comma within a quoted
/// string does not separate (RFC 9110 section 5.6.1).
public struct TokenList: Sendable {
  private var position: Int
  private let end: Int

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
      var isQuoted = false
      while position < end {
        let byte = bytes[position]
        if byte == UInt8(ascii: "\"") {
          isQuoted.toggle()
        } else if isQuoted, byte == UInt8(ascii: "\\") {
          position &+= 1
        } else if !isQuoted, byte == UInt8(ascii: ",") {
          break
        }
        position &+= 1
      }
      let element = bytes.trimmed(ByteRange(from: start, to: min(position, end)))
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
