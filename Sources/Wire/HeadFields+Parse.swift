/// Reading the field lines of a complete head (RFC 9112 section 5).
extension HeadFields {
  /// Reads all field lines from `position` and leaves `position` behind the blank line.
  ///
  /// - Precondition: `bytes` ends with CRLF, so that every line has an end.
  mutating func parse(_ bytes: Span<UInt8>, at position: inout Int) throws(HeadError) {
    precondition(position >= 0 && bytes.count <= 0xFFFF)
    removeAll()
    var line = position
    while !bytes.isLineEnd(at: line) {
      let field = try HeadFields.parseLine(bytes, at: &line)
      guard appendUnknown(field) else { throw .tooManyFields }
    }
    recogniseNames(bytes)
    position = line &+ 2
  }

  /// Reads `name ":" OWS value OWS CRLF` and moves `line` behind it.
  @inline(__always)
  private static func parseLine(
    _ bytes: Span<UInt8>, at line: inout Int
  ) throws(HeadError) -> Field {
    let start = line
    let nameEnd = bytes.tokenEnd(from: start)
    guard nameEnd > start, nameEnd < bytes.count, bytes[nameEnd] == UInt8(ascii: ":") else {
      throw start < bytes.count && bytes[start].isSpace ? .foldedLine : .malformedFieldName
    }
    var valueStart = nameEnd &+ 1
    while valueStart < bytes.count, bytes[valueStart].isSpace { valueStart &+= 1 }
    let lineEnd = bytes.firstForbiddenInValue(from: valueStart)
    guard lineEnd &+ 1 < bytes.count, bytes[lineEnd] == 0x0D, bytes[lineEnd &+ 1] == 0x0A else {
      throw lineEnd < bytes.count && (bytes[lineEnd] == 0x0D || bytes[lineEnd] == 0x0A)
        ? .bareLineEnd : .controlInValue
    }
    var valueEnd = lineEnd
    while valueEnd > valueStart, bytes[valueEnd &- 1].isSpace { valueEnd &-= 1 }
    line = lineEnd &+ 2
    return Field(
      name: ByteRange(known: start, to: nameEnd),
      value: ByteRange(known: valueStart, to: valueEnd),
      token: .other)
  }
}

extension Span where Element == UInt8 {
  /// Whether CRLF stands at `offset`.
  @inline(__always)
  fileprivate func isLineEnd(at offset: Int) -> Bool {
    offset &+ 1 < count && self[offset] == 0x0D && self[offset &+ 1] == 0x0A
  }
}
