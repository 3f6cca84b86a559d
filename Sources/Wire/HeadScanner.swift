/// Finds the blank line that ends a head, however the bytes arrive.
///
/// Remembers what it has seen, so that a head sent byte by byte costs the same as one sent whole.
/// Refuses what cannot become a valid head as soon as that is certain.
struct HeadScanner: Sendable {
  /// Where the head's first line starts, behind leading empty lines.
  private(set) var start = 0
  /// Everything before this offset has been searched.
  private var scanned = 0
  /// The number of line ends seen, the first line's included.
  private var lines = 0
  private var leadingLines = 0

  /// Whether no byte has been seen.
  var isIdle: Bool { scanned == 0 && start == 0 }

  /// Looks at `bytes`, which holds everything since the head began.
  ///
  /// - Returns: the end of a blank line, the head's own or a later one, or `nil` when more bytes
  ///   are needed. No more than `WireLimits.headMax` bytes lie between `start` and it.
  @inline(__always)
  mutating func findEnd(
    _ bytes: Span<UInt8>, leadingLinesMax: Int
  ) throws(HeadError) -> Int? {
    if lines == 0, try !skipLeadingLines(bytes, max: leadingLinesMax) { return nil }
    // Nearly every head arrives whole and alone: then there is nothing to search.
    if lines == 0, bytes.count &- start <= WireLimits.headMax, bytes.endsWithBlankLine {
      return bytes.count
    }
    return try search(bytes)
  }

  private mutating func search(_ bytes: Span<UInt8>) throws(HeadError) -> Int? {
    while true {
      let found = bytes.firstLineFeed(from: scanned)
      guard found < bytes.count else {
        scanned = found
        break
      }
      guard found > start, bytes[found &- 1] == 0x0D else { throw .bareLineEnd }
      if found &- start == 1 || bytes[found &- 2] == 0x0A {
        guard found &- start < WireLimits.headMax else { throw .headTooLong }
        return found &+ 1
      }
      scanned = found &+ 1
      try count(lineEnd: found)
    }
    try refuseTooLong(bytes)
    return nil
  }

  /// Skips CRLF before the first line (RFC 9112 section 2.2); false when more bytes are needed.
  private mutating func skipLeadingLines(
    _ bytes: Span<UInt8>, max: Int
  ) throws(HeadError) -> Bool {
    while start < bytes.count, bytes[start] == 0x0D {
      guard leadingLines < max else { throw .leadingGarbage }
      guard start &+ 1 < bytes.count else { return false }
      guard bytes[start &+ 1] == 0x0A else { throw .bareLineEnd }
      leadingLines &+= 1
      start &+= 2
      scanned = start
    }
    guard start < bytes.count else { return false }
    guard bytes[start].isTokenCharacter else { throw .leadingGarbage }
    return true
  }

  @inline(__always)
  private mutating func count(lineEnd: Int) throws(HeadError) {
    if lines == 0, lineEnd &- 1 &- start > WireLimits.requestLineMax { throw .requestLineTooLong }
    lines &+= 1
    if lines > WireLimits.fieldsMax &+ 1 { throw .tooManyFields }
  }

  private func refuseTooLong(_ bytes: Span<UInt8>) throws(HeadError) {
    // The last byte may be the line end's CR.
    if lines == 0, bytes.count &- start > WireLimits.requestLineMax &+ 1 {
      throw .requestLineTooLong
    }
    if bytes.count &- start >= WireLimits.headMax { throw .headTooLong }
  }
}

extension Span where Element == UInt8 {
  /// Whether the last four bytes are two line ends.
  @inline(__always)
  fileprivate var endsWithBlankLine: Bool {
    count >= 4 && self[count &- 4] == 0x0D && self[count &- 3] == 0x0A
      && self[count &- 2] == 0x0D && self[count &- 1] == 0x0A
  }
}
