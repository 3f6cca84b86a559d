internal import Bytes
internal import CLMDB

/// The key of an entry as LMDB sees it: big-endian, so that numbers of one hash lie together.
struct IndexKey {
  static let byteCount = 20

  private var high: UInt64
  private var low: UInt64
  private var count: UInt32

  init(_ hash: Hash128, _ number: UInt32) {
    high = hash.high.bigEndian
    low = hash.low.bigEndian
    count = number.bigEndian
    assert(MemoryLayout<IndexKey>.size == Self.byteCount)
  }

  /// Reads a key; `nil` when it is none of ours.
  init?(_ bytes: Span<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    func read<Value: FixedWidthInteger>(_ offset: Int) -> Value {
      var value: Value = 0
      for index in offset..<offset + Value.bitWidth / 8 { value = value << 8 | Value(bytes[index]) }
      return value
    }
    self.init(Hash128(low: read(8), high: read(0)), read(16))
  }

  var hash: Hash128 { Hash128(low: low.bigEndian, high: high.bigEndian) }
  var number: UInt32 { count.bigEndian }

  /// Lends the key to one call of LMDB, which does not keep it.
  @inline(__always)
  mutating func lend<Result>(_ body: (inout MDB_val) -> Result) -> Result {
    unsafe withUnsafeMutableBytes(of: &self) { bytes in
      var value = unsafe MDB_val(mv_size: Self.byteCount, mv_data: bytes.baseAddress)
      return unsafe body(&value)
    }
  }
}

extension MDB_val {
  /// The bytes, for as long as their transaction.
  var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let buffer = unsafe UnsafeRawBufferPointer(start: mv_data, count: mv_size)
      let span = unsafe Span<UInt8>(_unsafeBytes: buffer)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }
}
