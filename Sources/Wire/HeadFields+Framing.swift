/// What the fields say about the body's end and about the connection.
extension HeadFields {
  /// How a request's body ends (RFC 9112 section 6.3).
  func requestFraming(
    _ bytes: Span<UInt8>, minorVersion: UInt8
  ) throws(HeadError) -> BodyFraming {
    if has(.transferEncoding) {
      try requireChunked(bytes, minorVersion: minorVersion)
      return .chunked
    }
    guard let length = try contentLength(bytes) else { return .none }
    return .length(length)
  }

  /// The one valid Content-Length, or `nil` where there is none.
  func contentLength(_ bytes: Span<UInt8>) throws(HeadError) -> UInt64? {
    guard let value = first(.contentLength) else { return nil }
    guard !isRepeated(.contentLength) else { throw .repeatedContentLength }
    guard let length = bytes.slice(value).decimal, length <= WireLimits.bodyBytesMax else {
      throw .malformedContentLength
    }
    return length
  }

  /// Accepts exactly one `chunked`, without Content-Length, in HTTP/1.1 (RFC 9112 section 6.1).
  func requireChunked(_ bytes: Span<UInt8>, minorVersion: UInt8) throws(HeadError) {
    guard !has(.contentLength) else { throw .contentLengthWithTransferEncoding }
    guard minorVersion > 0 else { throw .transferEncodingInOldVersion }
    var chunked = false
    var unknown = false
    var line = firstIndex(of: .transferEncoding)
    while let index = line {
      var list = TokenList(self[index].value)
      while let coding = list.next(in: bytes) {
        guard !chunked else { throw .malformedTransferEncoding }
        if bytes.slice(coding).equalsIgnoringCase("chunked") {
          chunked = true
        } else {
          unknown = true
        }
      }
      line = nextIndex(of: .transferEncoding, after: index)
    }
    if unknown { throw .unknownTransferCoding }
    guard chunked else { throw .malformedTransferEncoding }
  }

  /// Whether the connection stays open, and marks the fields that Connection names.
  ///
  /// RFC 9112 section 9.3.
  mutating func understandConnection(_ bytes: Span<UInt8>, minorVersion: UInt8) -> Bool {
    guard var index = firstIndex(of: .connection) else { return minorVersion > 0 }
    if !isRepeated(.connection), bytes.slice(self[index].value).isKeepAlive { return true }
    var closes = false
    var keeps = false
    while true {
      var list = TokenList(self[index].value)
      while let option = list.next(in: bytes) {
        let name = bytes.slice(option)
        if name.equalsIgnoringCase("close") {
          closes = true
        } else if name.isKeepAlive {
          keeps = true
        } else {
          markConnectionOption(name, in: bytes)
        }
      }
      guard let next = nextIndex(of: .connection, after: index) else { break }
      index = next
    }
    return !closes && (keeps || minorVersion > 0)
  }

  private mutating func markConnectionOption(_ name: Span<UInt8>, in bytes: Span<UInt8>) {
    let token = FieldName(name)
    guard token.mayBeConnectionOption else { return }
    for index in 0..<count
    where self[index].token == token && !self[index].isHopByHop {
      if token != .other || bytes.slice(self[index].name).equalsIgnoringCase(name) {
        markHopByHop(at: index)
      }
    }
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes are `keep-alive`, which nearly every request says.
  @inline(__always)
  fileprivate var isKeepAlive: Bool {
    // "keep-ali" and "ep-alive", as `lowerWord` reads them.
    count == 10 && lowerWord(at: 0, count: 8) == 0x696C_612D_7065_656B
      && lowerWord(at: 2, count: 8) == 0x6576_696C_612D_7065
  }
}
