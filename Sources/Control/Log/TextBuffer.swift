/// Bytes of text under construction: JSON lines, metrics, reports; grows, and keeps its memory.
///
/// Appending is a comparison and a copy. Belongs to one thread.
@safe struct TextBuffer: ~Copyable {
  private var memory: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  /// How many bytes there are.
  private(set) var count = 0

  /// Makes an empty buffer with room for `capacity` bytes.
  init(capacity: Int) {
    self.capacity = max(64, capacity)
    unsafe memory = .allocate(capacity: self.capacity)
  }

  deinit { unsafe memory.deallocate() }

  /// The text.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get {
      let buffer = unsafe UnsafeBufferPointer(start: memory, count: count)
      let span = unsafe buffer.span
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// The text as a string, for people and tests; bytes that are no UTF-8 are replaced.
  var string: String {
    unsafe String(decoding: UnsafeBufferPointer(start: memory, count: count), as: UTF8.self)
  }

  /// A copy of the text.
  var array: [UInt8] { unsafe Array(UnsafeBufferPointer(start: memory, count: count)) }

  /// Empties the buffer and keeps its memory.
  mutating func removeAll() { count = 0 }

  /// Takes the last bytes away again.
  mutating func remove(last bytes: Int) {
    precondition(bytes <= count, "more bytes removed than there are")
    count -= bytes
  }

  /// Appends a constant.
  @inline(__always)
  mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { unsafe append($0) }
  }

  /// Appends a string.
  ///
  /// It has a label so that a literal is never taken for a `String`, which costs ten times as much.
  mutating func append(text: String) { append(text.utf8Span.span) }

  /// Appends bytes as they are.
  @inline(__always)
  mutating func append(_ bytes: borrowing Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append($0) }
  }

  @inline(__always)
  private mutating func append(_ source: UnsafeBufferPointer<UInt8>) {
    reserve(source.count)
    guard let start = source.baseAddress else { return }
    unsafe (memory + count).initialize(from: start, count: source.count)
    count &+= source.count
  }

  /// Appends one byte.
  @inline(__always)
  mutating func append(byte: UInt8) {
    reserve(1)
    unsafe memory[count] = byte
    count &+= 1
  }

  /// Appends a decimal number, with zeros in front up to `digits`, at most 20.
  @inline(__always)
  mutating func append(decimal number: UInt64, digits: Int = 1) {
    if digits == 1 && number < 10 {
      append(byte: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number))
    } else if number < 1000 && digits <= 3 {
      append(small: UInt32(truncatingIfNeeded: number), digits: digits)
    } else {
      append(long: number, digits: digits)
    }
  }

  /// Appends a number below 1000.
  ///
  /// Makes three digits, the first in the lowest byte, and shifts them down to the width wanted.
  private mutating func append(small number: UInt32, digits: Int) {
    reserve(4)
    let zero = UInt32(UInt8(ascii: "0"))
    let tens = number / 10
    let hundreds = number / 100
    let width = max(digits, hundreds > 0 ? 3 : tens > 0 ? 2 : 1)
    let three =
      (zero &+ hundreds) | (zero &+ tens &- hundreds &* 10) &<< 8
      | (zero &+ number &- tens &* 10) &<< 16
    let text = three &>> UInt32(truncatingIfNeeded: 8 &* (3 &- width))
    unsafe UnsafeMutableRawPointer(memory + count)
      .storeBytes(of: text.littleEndian, as: UInt32.self)
    count &+= width
  }

  private mutating func append(long number: UInt64, digits: Int) {
    reserve(20)
    var width = 1
    var power: UInt64 = 10
    while number >= power {
      width &+= 1
      if width == 20 { break }
      power &*= 10
    }
    let end = count &+ max(width, digits)
    var rest = number
    var place = end
    while place > count {
      place &-= 1
      let shorter = rest / 10
      unsafe memory[place] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest &- shorter &* 10)
      rest = shorter
    }
    count = end
  }

  /// Appends a number as 16 hexadecimal digits.
  mutating func append(hexadecimal number: UInt64) {
    reserve(16)
    let place = unsafe UnsafeMutableRawPointer(memory + count)
    let high = Self.digits(UInt32(truncatingIfNeeded: number >> 32)).bigEndian
    let low = Self.digits(UInt32(truncatingIfNeeded: number)).bigEndian
    unsafe place.storeBytes(of: high, as: UInt64.self)
    unsafe place.storeBytes(of: low, toByteOffset: 8, as: UInt64.self)
    count &+= 16
  }

  /// Eight hexadecimal digits in eight bytes, the first in the highest: all at once.
  private static func digits(_ number: UInt32) -> UInt64 {
    var nibbles = UInt64(number)
    nibbles = (nibbles | nibbles << 16) & 0x0000_FFFF_0000_FFFF
    nibbles = (nibbles | nibbles << 8) & 0x00FF_00FF_00FF_00FF
    nibbles = (nibbles | nibbles << 4) & 0x0F0F_0F0F_0F0F_0F0F
    let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
    return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
  }

  /// Appends thousandths as a decimal fraction: 1250 as `1.250`.
  mutating func append(thousandths number: UInt64) {
    // What a hit takes within its turn.
    if number == 0 { return append("0.000") }
    append(decimal: number / 1000)
    append(byte: UInt8(ascii: "."))
    append(decimal: number % 1000, digits: 3)
  }

  /// The hexadecimal digit of a number below 16.
  static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
  }

  @inline(__always)
  private mutating func reserve(_ more: Int) {
    if capacity &- count < more { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    let larger = max(capacity * 2, count + more)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe moved.initialize(from: memory, count: count)
    unsafe memory.deallocate()
    unsafe memory = moved
    capacity = larger
  }
}
