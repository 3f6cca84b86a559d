/// At most `capacity` bytes of text inside the value itself; longer text is cut and marked.
///
/// The bytes are a peer's own: any byte may occur, and a cut may fall into a UTF-8 sequence.
public struct InlineText<let capacity: Int>: Sendable {
  /// How many bytes there are.
  public private(set) var count: UInt16 = 0
  /// Whether text was cut at `capacity`.
  public private(set) var isTruncated = false
  private var storage = InlineArray<capacity, UInt8>(repeating: 0)

  /// Makes an empty text.
  public init() {}

  /// Replaces the text by `bytes`, or as many of them as fit.
  @inline(__always)
  public mutating func set(_ bytes: borrowing Span<UInt8>) {
    let kept = min(bytes.count, capacity)
    unsafe bytes.withUnsafeBytes { source in
      var span = storage.mutableSpan
      unsafe span.withUnsafeMutableBytes { target in
        let front = unsafe UnsafeRawBufferPointer(rebasing: source[..<kept])
        unsafe target.copyMemory(from: front)
      }
    }
    count = UInt16(truncatingIfNeeded: kept)
    isTruncated = bytes.count > capacity
  }

  /// Replaces the text by a constant.
  @inline(__always)
  public mutating func set(_ text: StaticString) {
    text.withUTF8Buffer { unsafe set($0.span) }
  }

  /// Forgets the text; the bytes are left as they are.
  @inline(__always)
  public mutating func clear() {
    count = 0
    isTruncated = false
  }

  /// The bytes.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    borrowing get { storage.span.extracting(first: Int(count)) }
  }
}
