/// Reading the four forms of a request target (RFC 9112 section 3.2).
extension Target {
  /// Reads the target that starts at `position` and leaves `position` at the byte behind it.
  mutating func parse(
    _ bytes: Span<UInt8>, at position: inout Int, method: Method
  ) throws(HeadError) {
    let start = position
    var question = -1
    var end = bytes.firstSpecialInTarget(from: start)
    while end < bytes.count, bytes[end] == UInt8(ascii: "?") {
      if question < 0 { question = end }
      end = bytes.firstSpecialInTarget(from: end &+ 1)
    }
    guard end < bytes.count else { throw .malformedRequestLine }
    guard bytes[end] != UInt8(ascii: "#") else { throw .fragmentInTarget }
    guard bytes[end] == 0x20 || bytes[end] == 0x0D || bytes[end] == 0x0A else {
      throw .malformedTarget
    }
    guard end &- start <= WireLimits.requestLineMax else { throw .requestLineTooLong }
    guard end > start else { throw .malformedTarget }
    position = end
    text = ByteRange(from: start, to: end)
    hasQuery = question >= 0
    let pathEnd = hasQuery ? question : end
    query = hasQuery ? ByteRange(from: question &+ 1, to: end) : .empty
    if bytes[start] == UInt8(ascii: "/") {
      form = .origin
      path = ByteRange(from: start, to: pathEnd)
    } else {
      try parseRareForm(bytes, pathEnd: pathEnd, method: method)
    }
  }

  /// Reads `*` or `http://authority/path`; the authority form belongs to CONNECT alone.
  private mutating func parseRareForm(
    _ bytes: Span<UInt8>, pathEnd: Int, method: Method
  ) throws(HeadError) {
    let start = Int(text.start)
    let whole = bytes.slice(text)
    if whole.equals("*") {
      guard method == .options else { throw .malformedTarget }
      form = .asterisk
      return
    }
    form = .absolute
    let authorityStart: Int
    if whole.hasPrefixIgnoringCase("http://") {
      authorityStart = start &+ 7
    } else if whole.hasPrefixIgnoringCase("https://") {
      isSecure = true
      authorityStart = start &+ 8
    } else {
      throw .malformedTarget
    }
    var pathStart = authorityStart
    while pathStart < pathEnd, bytes[pathStart] != UInt8(ascii: "/") { pathStart &+= 1 }
    guard pathStart > authorityStart else { throw .malformedTarget }
    path = pathStart < pathEnd ? ByteRange(from: pathStart, to: pathEnd) : .empty
    try parseHost(bytes, ByteRange(from: authorityStart, to: pathStart))
    guard !hostName.isEmpty else { throw .malformedHost }
  }

  /// Reads `host [":" port]` (RFC 9110 section 7.2), which may be empty.
  mutating func parseHost(_ bytes: Span<UInt8>, _ range: ByteRange) throws(HeadError) {
    host = range
    port = nil
    var index = Int(range.start)
    if index < range.end, bytes[index] == UInt8(ascii: "[") {
      index &+= 1
      while index < range.end, bytes[index].isAddressCharacter { index &+= 1 }
      guard index < range.end, bytes[index] == UInt8(ascii: "]"),
        index > Int(range.start) &+ 2
      else { throw .malformedHost }
      index &+= 1
    } else {
      index = min(bytes.commonEnd(from: index, and: UInt8(ascii: ".")), range.end)
      while index < range.end, bytes[index].isHostCharacter { index &+= 1 }
    }
    hostName = ByteRange(from: Int(range.start), to: index)
    guard index < range.end else { return }
    guard bytes[index] != UInt8(ascii: "@") else { throw .userInformation }
    guard bytes[index] == UInt8(ascii: ":"), !hostName.isEmpty else { throw .malformedHost }
    let digits = ByteRange(from: index &+ 1, to: range.end)
    guard !digits.isEmpty else { return }
    var number = 0
    for index in Int(digits.start)..<digits.end {
      guard bytes[index].isDigit, number <= 0xFFFF else {
        throw bytes.contains(UInt8(ascii: "@"), in: digits) ? .userInformation : .malformedHost
      }
      number = number &* 10 &+ Int(bytes[index] &- UInt8(ascii: "0"))
    }
    guard number <= 0xFFFF else { throw .malformedHost }
    port = UInt16(truncatingIfNeeded: number)
  }
}

extension Span where Element == UInt8 {
  fileprivate func contains(_ byte: UInt8, in range: ByteRange) -> Bool {
    for index in Int(range.start)..<range.end where self[index] == byte { return true }
    return false
  }
}

extension UInt8 {
  /// What may stand in a registered name (RFC 3986 section 3.2.2) except the comma.
  ///
  /// A comma would let two merged Host fields look like one.
  fileprivate var isHostCharacter: Bool {
    let low: UInt64 = 0x2BFF_6FF2_0000_0000
    let high: UInt64 = 0x47FF_FFFE_87FF_FFFE
    guard self < 128 else { return false }
    return ((self < 64 ? low : high) &>> UInt64(self & 63)) & 1 == 1
  }

  /// What may stand between the brackets of an IPv6 address, an embedded IPv4 address included.
  fileprivate var isAddressCharacter: Bool {
    hexadecimal != nil || self == UInt8(ascii: ":") || self == UInt8(ascii: ".")
  }
}
