/// From the bytes of a complete head to its meaning.
extension RequestHead {
  /// Reads `method SP target SP HTTP/1.x CRLF` (RFC 9112 section 3).
  mutating func parseRequestLine(
    _ bytes: Span<UInt8>, at position: inout Int
  ) throws(HeadError) {
    let start = position
    let methodEnd = try parseMethod(bytes, from: start)
    target = Target()
    var end = methodEnd &+ 1
    try target.parse(bytes, at: &end, method: method)
    guard end > methodEnd &+ 1, end < bytes.count, bytes[end] == 0x20 else {
      throw .malformedRequestLine
    }
    let lineEnd = end &+ 11
    guard lineEnd <= bytes.count, bytes[lineEnd &- 1] == 0x0A, bytes[lineEnd &- 2] == 0x0D else {
      throw .malformedVersion
    }
    minorVersion = try bytes.minorVersion(at: end &+ 1)
    guard lineEnd &- 2 &- start <= WireLimits.requestLineMax else { throw .requestLineTooLong }
    position = lineEnd
  }

  /// Reads the method and tells where it ends, which is before a space.
  @inline(__always)
  private mutating func parseMethod(
    _ bytes: Span<UInt8>, from start: Int
  ) throws(HeadError) -> Int {
    // "GET " as the low half of a word: nearly every request.
    if let word = bytes.wholeWord(at: start), UInt32(truncatingIfNeeded: word) == 0x2054_4547 {
      methodText = ByteRange(from: start, to: start &+ 3)
      method = .get
      return start &+ 3
    }
    let end = bytes.tokenEnd(from: start)
    guard end > start, end < bytes.count, bytes[end] == 0x20 else { throw .malformedRequestLine }
    methodText = ByteRange(from: start, to: end)
    method = Method(bytes.slice(methodText))
    guard method != .connect, method != .trace else { throw .methodNotAllowed }
    return end
  }

  /// Decides host, framing and connection from the fields.
  mutating func understandFields(_ bytes: Span<UInt8>) throws(HeadError) {
    try understandHost(bytes)
    framing = try fields.requestFraming(bytes, minorVersion: minorVersion)
    keepAlive = fields.understandConnection(bytes, minorVersion: minorVersion)
    expectsContinue = false
    if fields.has(.expect) { try understandExpect(bytes) }
  }

  /// Exactly one Host in HTTP/1.1, at most one in HTTP/1.0; an absolute target wins over it.
  ///
  /// RFC 9112 sections 3.2 and 3.2.2.
  private mutating func understandHost(_ bytes: Span<UInt8>) throws(HeadError) {
    guard !fields.isRepeated(.host) else { throw .repeatedHost }
    guard let value = fields.first(.host) else {
      guard minorVersion == 0 else { throw .missingHost }
      return
    }
    var fromField = Target()
    try fromField.parseHost(bytes, value)
    guard target.form != .absolute else { return }
    target.host = fromField.host
    target.hostName = fromField.hostName
    target.port = fromField.port
  }

  /// Only `100-continue` can be expected (RFC 9110 section 10.1.1); HTTP/1.0 cannot expect.
  private mutating func understandExpect(_ bytes: Span<UInt8>) throws(HeadError) {
    guard minorVersion > 0 else { return }
    guard !fields.isRepeated(.expect), let value = fields.first(.expect),
      bytes.slice(value).equalsIgnoringCase("100-continue")
    else { throw .unknownExpectation }
    expectsContinue = framing != .none && framing != .length(0)
  }
}

extension Span where Element == UInt8 {
  /// The minor version in `HTTP/1.x` at `offset`; later ones than 1 count as 1.
  ///
  /// - Precondition: eight bytes lie there.
  @inline(__always)
  func minorVersion(at offset: Int) throws(HeadError) -> UInt8 {
    // "HTTP/1.1" as a word.
    if wholeWord(at: offset) == 0x312E_312F_5054_5448 { return 1 }
    let version = extracting(offset..<offset &+ 8)
    guard version.hasPrefix("HTTP/"), version[5].isDigit, version[6] == UInt8(ascii: "."),
      version[7].isDigit
    else { throw .malformedVersion }
    guard version[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
    return version[7] == UInt8(ascii: "0") ? 0 : 1
  }
}
