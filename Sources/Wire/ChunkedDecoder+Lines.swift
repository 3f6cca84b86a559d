/// The lines between the data: sizes with their extensions, and trailers.
extension ChunkedDecoder {
  /// Takes one byte that is not chunk data.
  mutating func take(_ byte: UInt8) throws(ChunkedError) {
    switch state {
    case .sizeStart, .size, .sizeLineFeed:
      try count(upTo: WireLimits.chunkLineMax, else: .lineTooLong)
      try takeSize(byte)
    case .spaceBeforeSemicolon, .extensionStart, .extensionName, .spaceAfterName,
      .extensionValueStart, .extensionValue, .quoted, .quotedPair, .quoteEnd, .spaceAfterValue:
      try count(upTo: WireLimits.chunkLineMax, else: .lineTooLong)
      try takeExtension(byte)
    case .dataReturn:
      guard byte == 0x0D else { throw .missingLineEnd }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == 0x0A else { throw .missingLineEnd }
      state = .sizeStart
    case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed:
      try count(upTo: WireLimits.trailersMax, else: .trailersTooLong)
      try takeTrailer(byte)
    case .data, .finished:
      preconditionFailure("chunk data and what follows the body are not taken byte by byte")
    }
  }

  @inline(__always)
  private mutating func count(upTo limit: Int, else error: ChunkedError) throws(ChunkedError) {
    lineBytes &+= 1
    if lineBytes > limit { throw error }
  }

  private mutating func takeSize(_ byte: UInt8) throws(ChunkedError) {
    if state == .sizeLineFeed {
      guard byte == 0x0A else { throw .missingLineEnd }
      lineBytes = 0
      state = remaining == 0 ? .trailerStart : .data
      return
    }
    if let digit = byte.hexadecimal {
      guard remaining <= WireLimits.bodyBytesMax >> 4 else { throw .sizeTooLarge }
      remaining = remaining &<< 4 | UInt64(digit)
      guard remaining <= WireLimits.bodyBytesMax else { throw .sizeTooLarge }
      state = .size
      return
    }
    guard state == .size else { throw .malformedSize }
    switch byte {
    case 0x0D: state = .sizeLineFeed
    case UInt8(ascii: ";"): state = .extensionStart
    case 0x20, 0x09: state = .spaceBeforeSemicolon
    default: throw .malformedSize
    }
  }

  /// `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, RFC 9112 section 7.1.1.
  private mutating func takeExtension(_ byte: UInt8) throws(ChunkedError) {
    switch state {
    case .quoted:
      if byte == UInt8(ascii: "\"") {
        state = .quoteEnd
      } else if byte == UInt8(ascii: "\\") {
        state = .quotedPair
      } else if byte.isForbiddenInValue {
        throw .malformedExtension
      }
    case .quotedPair:
      guard !byte.isForbiddenInValue else { throw .malformedExtension }
      state = .quoted
    case .extensionStart where byte.isSpace, .extensionValueStart where byte.isSpace: break
    case .extensionStart, .extensionName:
      if byte.isTokenCharacter {
        state = .extensionName
      } else {
        guard state == .extensionName else { throw .malformedExtension }
        try endPart(byte, space: .spaceAfterName, mayHaveValue: true)
      }
    case .spaceAfterName: try endPart(byte, space: .spaceAfterName, mayHaveValue: true)
    case .extensionValueStart where byte == UInt8(ascii: "\""): state = .quoted
    case .extensionValueStart:
      guard byte.isTokenCharacter else { throw .malformedExtension }
      state = .extensionValue
    case .extensionValue where byte.isTokenCharacter: break
    case .extensionValue, .quoteEnd, .spaceAfterValue:
      try endPart(byte, space: .spaceAfterValue, mayHaveValue: false)
    default: try endPart(byte, space: .spaceBeforeSemicolon, mayHaveValue: false)
    }
  }

  /// Behind a size, a name or a value: the line end, or white space where a `;` or `=` follows.
  private mutating func endPart(
    _ byte: UInt8, space: State, mayHaveValue: Bool
  ) throws(ChunkedError) {
    switch byte {
    case 0x20, 0x09: state = space
    case UInt8(ascii: ";"): state = .extensionStart
    case UInt8(ascii: "=") where mayHaveValue: state = .extensionValueStart
    case 0x0D where state == .extensionName || state == .extensionValue || state == .quoteEnd:
      state = .sizeLineFeed
    default: throw .malformedExtension
    }
  }

  /// Field lines like a head's: a name, a colon, a value without controls, no folding.
  private mutating func takeTrailer(_ byte: UInt8) throws(ChunkedError) {
    switch state {
    case .trailerStart where byte == 0x0D: state = .lastLineFeed
    case .trailerStart:
      guard byte.isTokenCharacter else { throw .malformedTrailer }
      state = .trailerName
    case .trailerName where byte == UInt8(ascii: ":"): state = .trailerValue
    case .trailerName:
      guard byte.isTokenCharacter else { throw .malformedTrailer }
    case .trailerValue where byte == 0x0D: state = .trailerLineFeed
    case .trailerValue:
      guard !byte.isForbiddenInValue else { throw .malformedTrailer }
    default:
      guard byte == 0x0A else { throw .malformedTrailer }
      state = state == .lastLineFeed ? .finished : .trailerStart
    }
  }
}
