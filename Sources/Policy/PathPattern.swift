/// Why a `match` of the configuration is no pattern.
public enum PatternError: Error, Equatable, Sendable {
  /// It does not begin with `/`.
  case mustBeginWithSlash
  /// It is longer than `PolicyLimits.patternBytesMax`.
  case tooLong
  /// It holds a byte that no request path can hold: a space, a control, `?`, `#` or non-ASCII.
  case impossibleByte
  /// A pattern of presentations that does not end with the only `**` in it, behind a slash.
  case mustEndBelowDirectory
}

/// A compiled path glob: `*` matches within a segment, `**` across segments, all else itself.
///
/// `/**/` also matches a single `/`, so `/live/**/main.m3u8` matches `/live/main.m3u8`. A pattern
/// is matched against the path as it was sent, before any percent-decoding and without the query.
///
/// The matcher follows all ways through the pattern at once (one bit per position), so its time is
/// at most path bytes times pattern bytes, whatever the pattern: there is no backtracking. It
/// allocates nothing. The pattern's bytes lie in a table of the snapshot's, so that a rule is a
/// plain value without references.
public struct PathPattern: Sendable, Equatable {
  /// Where the pattern's bytes begin in the table; wildcards are one byte each there.
  private let start: Int
  private let count: Int
  /// How many leading bytes are matched literally.
  private let literalCount: Int
  private let stars: UInt128
  private let doubleStars: UInt128
  /// Positions of `**` between two slashes, that may be skipped together with the second slash.
  private let skippable: UInt128

  /// Compiles `text` and appends its bytes to `table`.
  public init(_ text: String, table: inout [UInt8]) throws(PatternError) {
    let source = Array(text.utf8)
    guard source.first == UInt8(ascii: "/") else { throw .mustBeginWithSlash }
    guard source.count <= PolicyLimits.patternBytesMax else { throw .tooLong }
    start = table.count
    var stars: UInt128 = 0
    var doubleStars: UInt128 = 0
    var skippable: UInt128 = 0
    var index = 0
    while index < source.count {
      let byte = source[index]
      guard byte > 0x20, byte < 0x7F, byte != UInt8(ascii: "?"), byte != UInt8(ascii: "#") else {
        throw .impossibleByte
      }
      let position = table.count - start
      table.append(byte)
      index += 1
      guard byte == UInt8(ascii: "*") else { continue }
      var run = 1
      while index < source.count, source[index] == UInt8(ascii: "*") {
        run += 1
        index += 1
      }
      if run == 1 {
        stars |= 1 << UInt128(position)
        continue
      }
      doubleStars |= 1 << UInt128(position)
      let slashBefore = table[start + position - 1] == UInt8(ascii: "/")
      let slashAfter = index < source.count && source[index] == UInt8(ascii: "/")
      if slashBefore && slashAfter { skippable |= 1 << UInt128(position) }
    }
    count = table.count - start
    literalCount = min(count, (stars | doubleStars).trailingZeroBitCount)
    self.stars = stars
    self.doubleStars = doubleStars
    self.skippable = skippable
  }

  /// Whether the whole of `path` matches.
  public func matches(_ path: Span<UInt8>, table: [UInt8]) -> Bool {
    guard path.count >= literalCount else { return false }
    for index in 0..<literalCount where path[index] != table[start + index] { return false }
    if literalCount == count { return path.count == count }
    // The most frequent shape: "/vod/**" needs no look at the rest.
    if literalCount == count - 1, doubleStars >> UInt128(literalCount) == 1 { return true }
    return matchesRest(path, table: table)
  }

  /// Runs the automaton over what follows the literal beginning.
  private func matchesRest(_ path: Span<UInt8>, table: [UInt8]) -> Bool {
    let wildcards = stars | doubleStars
    var active = close(entering(literalCount), wildcards)
    for index in literalCount..<path.count {
      let byte = path[index]
      var next = active & doubleStars
      if byte != UInt8(ascii: "/") { next |= active & stars }
      var literals = active & ~wildcards
      while literals != 0 {
        let position = literals.trailingZeroBitCount
        literals &= literals - 1
        guard position < count, table[start + position] == byte else { continue }
        next |= entering(position + 1)
      }
      if next == 0 { return false }
      active = close(next, wildcards)
    }
    return active & (1 << UInt128(count)) != 0
  }

  /// The states reached by stepping onto `position`.
  private func entering(_ position: Int) -> UInt128 {
    var bit: UInt128 = 1 << UInt128(position)
    var states = bit
    while bit & skippable != 0 {
      bit <<= 2
      states |= bit
    }
    return states
  }

  /// Adds the states behind wildcards that match nothing; wildcards are never neighbours.
  private func close(_ states: UInt128, _ wildcards: UInt128) -> UInt128 {
    states | (states & wildcards) << 1
  }
}
