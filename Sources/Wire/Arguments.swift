internal import Glibc

/// Walks the arguments of a query: `a=b&c&d=`.
///
/// Names and values are ranges of the bytes as sent, percent-encoding included. Empty pieces
/// (`a&&b`) are skipped.
public struct Arguments: Sendable {
  /// One argument.
  public struct Argument: Equatable, Sendable, BitwiseCopyable {
    /// The name.
    public var name: ByteRange
    /// The value behind the equals sign; empty where there is none.
    public var value: ByteRange
    /// Name, equals sign and value.
    public var whole: ByteRange
  }

  private var position: Int
  private let end: Int

  /// Walks the query in `query`, which has no question mark.
  @inline(__always)
  public init(_ query: ByteRange) {
    position = Int(query.start)
    end = query.end
  }

  /// The next argument, or `nil` at the end; `bytes` is what the query counts in.
  public mutating func next(in bytes: Span<UInt8>) -> Argument? {
    while position < end {
      let start = position
      let stop = bytes.first(UInt8(ascii: "&"), from: start, to: end)
      position = stop &+ 1
      guard stop > start else { continue }
      let nameEnd = bytes.first(UInt8(ascii: "="), from: start, to: stop)
      return Argument(
        name: ByteRange(from: start, to: nameEnd),
        value: ByteRange(from: min(nameEnd &+ 1, stop), to: stop),
        whole: ByteRange(from: start, to: stop))
    }
    return nil
  }
}

extension Span where Element == UInt8 {
  /// The index of the first `byte` from `start`, or `end`.
  ///
  /// The corresponding C function is `memchr`: CMCD arguments are hundreds of bytes long.
  @inline(__always)
  fileprivate func first(_ byte: UInt8, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && start <= end && end <= count)
    return unsafe withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return end }
      guard let found = unsafe memchr(base + start, Int32(byte), end &- start) else { return end }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// Whether the bytes, percent-decoded, are those of `text`, case-sensitively.
  ///
  /// A broken escape stands for itself; a plus sign is a plus sign.
  public func percentDecodedEquals(_ text: Span<UInt8>) -> Bool {
    var index = 0
    for expected in 0..<text.count {
      guard index < count, percentDecoded(at: &index) == text[expected] else { return false }
    }
    return index == count
  }

  /// Whether the bytes, percent-decoded, are those of `text`, case-sensitively.
  public func percentDecodedEquals(_ text: StaticString) -> Bool {
    var index = 0
    for expected in 0..<text.utf8CodeUnitCount {
      guard index < count, percentDecoded(at: &index) == (unsafe text.utf8Start[expected]) else {
        return false
      }
    }
    return index == count
  }

  /// The byte that stands at `index`, an escape decoded; moves `index` behind it.
  ///
  /// - Precondition: `index` is within the span.
  @inline(__always)
  public func percentDecoded(at index: inout Int) -> UInt8 {
    let byte = self[index]
    if byte == UInt8(ascii: "%"), count &- index > 2, let high = self[index &+ 1].hexadecimal,
      let low = self[index &+ 2].hexadecimal
    {
      index &+= 3
      return high &<< 4 | low
    }
    index &+= 1
    return byte
  }
}
