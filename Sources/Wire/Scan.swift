// Exception: this file uses `unsafe`, which the style guide keeps to four places. Every byte of a
// head passes here, sixteen at a time. Each load is preceded by the comparison that keeps it within
// the span.

/// Scanning sixteen bytes at a time for the bytes that end a piece of a head.
extension Span where Element == UInt8 {
  @inline(__always)
  private func block(at offset: Int) -> Lanes {
    unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Lanes.self)
  }

  @inline(__always)
  private func word(at offset: Int) -> UInt64 {
    unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self)
  }

  /// Eight bytes from `offset` as a little-endian word, or `nil` where there are fewer.
  @inline(__always)
  func wholeWord(at offset: Int) -> UInt64? {
    guard offset >= 0, count &- offset >= 8 else { return nil }
    return word(at: offset)
  }

  /// The index of the first byte at or behind `start` that a block marks, or `count`.
  ///
  /// `marks` sets the highest bit of the lanes that it is after. What is left behind the last whole
  /// block is looked at with bytes that were passed already, or as two halves that overlap.
  @inline(__always)
  private func first(
    from start: Int, _ marks: (Lanes) -> Lanes, or isMarked: (UInt8) -> Bool
  ) -> Int {
    var index = start
    while count &- index >= 16 {
      if let found = marks(block(at: index)).firstMarked { return index &+ found }
      index &+= 16
    }
    if index == count { return index }
    if index > start {
      return marks(block(at: count &- 16)).firstMarked.map { count &- 16 &+ $0 } ?? count
    }
    if count &- index >= 8 {
      let halves = Lanes(word(at: index), word(at: count &- 8))
      guard let found = marks(halves).firstMarked else { return count }
      return found < 8 ? index &+ found : count &- 16 &+ found
    }
    while index < count, unsafe !isMarked(self[unchecked: index]) { index &+= 1 }
    return index
  }

  /// The index of the first line feed at or behind `start`, or `count`.
  @inline(__always)
  public func firstLineFeed(from start: Int) -> Int {
    first(from: start) {
      $0.lanes(equalTo: Lanes(repeating: 0x0A))
    } or: {
      $0 == 0x0A
    }
  }

  /// The index of the first control other than the tab at or behind `start`, or `count`.
  @inline(__always)
  func firstForbiddenInValue(from start: Int) -> Int {
    first(from: start) { block in
      let controls = block.lanesBelow0x20 & ~block.lanes(equalTo: Lanes(repeating: 0x09))
      return controls | block.lanes(equalTo: Lanes(repeating: 0x7F))
    } or: {
      $0.isForbiddenInValue
    }
  }

  /// The index of the first byte at or behind `start` that may not stand for itself within quotes,
  /// or `count`: a quote, a backslash, or anything but visible ASCII and space.
  public func firstSpecialInQuotes(from start: Int) -> Int {
    first(from: start) { block in
      let quotes = block.lanes(equalTo: Lanes(repeating: 0x22))
      let backslashes = block.lanes(equalTo: Lanes(repeating: 0x5C))
      let deletes = block.lanes(equalTo: Lanes(repeating: 0x7F))
      // A byte of 0x80 and above marks itself.
      return block.lanesBelow0x20 | quotes | backslashes | deletes | block
    } or: {
      $0 &- 0x20 >= 0x5F || $0 == 0x22 || $0 == 0x5C
    }
  }

  /// The index of the first byte that is no visible ASCII, `#` or `?` at or behind `start`, or
  /// `count`.
  @inline(__always)
  func firstSpecialInTarget(from start: Int) -> Int {
    first(from: start) { block in
      let spaces = block.lanes(equalTo: Lanes(repeating: 0x20))
      let deletes = block.lanes(equalTo: Lanes(repeating: 0x7F))
      let hashes = block.lanes(equalTo: Lanes(repeating: UInt8(ascii: "#")))
      let questions = block.lanes(equalTo: Lanes(repeating: UInt8(ascii: "?")))
      // A byte of 0x80 and above marks itself.
      return block.lanesBelow0x20 | spaces | deletes | hashes | questions | block
    } or: {
      $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "?")
    }
  }

  /// The index of the first byte that may not stand in a token at or behind `start`, or `count`.
  ///
  /// Letters, digits and the hyphen go sixteen at a time, the rare other characters one by one.
  @inline(__always)
  func tokenEnd(from start: Int) -> Int {
    var index = start
    while true {
      index = commonEnd(from: index, and: UInt8(ascii: "-"))
      guard index < count else { return index }
      let byte = unsafe self[unchecked: index]
      // Nearly always it is the colon behind a name.
      guard byte != UInt8(ascii: ":"), byte.isTokenCharacter else { return index }
      index &+= 1
    }
  }

  /// The index of the first byte at or behind `start` that may be neither letter, digit, hyphen
  /// nor `extra`; near the end of the span possibly earlier.
  @inline(__always)
  func commonEnd(from start: Int, and extra: UInt8) -> Int {
    var index = start
    while count &- index >= 16 {
      let block = block(at: index)
      let letters = ((block | 0x20) &- UInt8(ascii: "a")).lanesAbove(25)
      let digits = (block &- UInt8(ascii: "0")).lanesAbove(9)
      let hyphens = block.lanes(equalTo: Lanes(repeating: UInt8(ascii: "-")))
      let extras = block.lanes(equalTo: Lanes(repeating: extra))
      if let found = (letters & digits & ~(hyphens | extras)).firstMarked { return index &+ found }
      index &+= 16
    }
    return index
  }

  /// Whether there is nothing but token characters.
  @inline(__always)
  var allTokenCharacters: Bool { tokenEnd(from: 0) == count }

  /// Up to eight bytes from `offset` as a little-endian word, ASCII capitals lowered.
  ///
  /// Only meaningful for token characters: other bytes may fall together.
  ///
  /// - Precondition: the bytes lie within the span and `length` is 1 to 8.
  @inline(__always)
  func lowerWord(at offset: Int, count length: Int) -> UInt64 {
    precondition(offset >= 0 && length > 0 && length <= 8)
    if count &- offset >= 8 {
      let unused = UInt64(8 &- length) &* 8
      return ((word(at: offset) | 0x2020_2020_2020_2020) &<< unused) &>> unused
    }
    precondition(offset &+ length <= count)
    var value: UInt64 = 0
    for index in 0..<length {
      value |= UInt64(unsafe self[unchecked: offset &+ index] | 0x20) &<< UInt64(index &* 8)
    }
    return value
  }

  /// Whether the bytes are those of `text`, whatever the case of ASCII letters in either.
  ///
  /// - Precondition: both are token characters alone, and at least eight of them.
  @inline(__always)
  func equalsLowered(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    precondition(count >= 8)
    let other = unsafe UnsafeRawPointer(text.utf8Start)
    var offset = 0
    while true {
      let theirs = unsafe other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      let difference = (word(at: offset) ^ theirs) & ~0x2020_2020_2020_2020
      guard difference == 0 else { return false }
      if offset == count &- 8 { return true }
      offset = min(offset &+ 8, count &- 8)
    }
  }
}

/// Sixteen bytes, of which a scan marks some by their highest bits.
///
/// Only operations are used that this compiler makes one instruction of: `<` and `min` on vectors
/// are loops in Swift 6.3.
private typealias Lanes = SIMD16<UInt8>

extension SIMD16 where Scalar == UInt8 {
  /// Two words, the first of which has the first lanes.
  @inline(__always)
  fileprivate init(_ low: UInt64, _ high: UInt64) {
    self = unsafe unsafeBitCast(SIMD2(low, high), to: Self.self)
  }

  /// All bits where the bytes are equal.
  @inline(__always)
  fileprivate func lanes(equalTo other: Self) -> Self {
    unsafe unsafeBitCast(self .== other, to: Self.self)
  }

  /// All bits where the byte is below 0x20.
  @inline(__always)
  fileprivate var lanesBelow0x20: Self { (self & 0xE0).lanes(equalTo: .zero) }

  /// The highest bit where the byte is above `limit`; the other bits mean nothing.
  @inline(__always)
  fileprivate func lanesAbove(_ limit: UInt8) -> Self {
    ((self & 0x7F) &+ Self(repeating: 0x7F &- limit)) | self
  }

  /// The index of the first marked lane.
  @inline(__always)
  fileprivate var firstMarked: Int? {
    let halves = unsafe unsafeBitCast(self, to: SIMD2<UInt64>.self)
    let low = halves[0] & 0x8080_8080_8080_8080
    let high = halves[1] & 0x8080_8080_8080_8080
    guard low | high != 0 else { return nil }
    return low != 0
      ? low.trailingZeroBitCount &>> 3 : 8 &+ (high.trailingZeroBitCount &>> 3)
  }
}
