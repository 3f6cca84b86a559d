public import Bytes
internal import CLMDB

/// Where a walk over the index goes on.
public struct IndexCursor: Equatable, Sendable {
  /// The hash of the next entry.
  public var hash: Hash128
  /// The number of the next entry.
  public var number: UInt32

  /// Makes a cursor; the walk goes on with this entry or the first one behind it.
  public init(hash: Hash128, number: UInt32) {
    self.hash = hash
    self.number = number
  }
}

/// Looks up records; one thread's own.
///
/// No call leaves a read transaction open, which would keep LMDB from using pages again: the
/// transaction is reset and renewed, without a system call or an allocation. Records that make no
/// sense count as not there.
@safe public final class IndexReader {
  private let environment: IndexEnvironment
  private let transaction: OpaquePointer
  private let cursor: OpaquePointer
  private var walked: [(key: IndexKey, record: IndexRecord)] = []

  init(_ environment: IndexEnvironment) throws(StoreError) {
    let transaction = unsafe try environment.begin(readOnly: true)
    var made: OpaquePointer?
    let code = unsafe mdb_cursor_open(transaction, environment.objects, &made)
    guard code == 0, let cursor = unsafe made else {
      unsafe mdb_txn_abort(transaction)
      throw StoreError(lmdb: code, operation: "mdb_cursor_open")
    }
    unsafe mdb_txn_reset(transaction)
    self.environment = environment
    unsafe self.transaction = transaction
    unsafe self.cursor = cursor
  }

  deinit {
    unsafe mdb_cursor_close(cursor)
    unsafe mdb_txn_abort(transaction)
  }

  /// The record of an object or of a rule: number 0.
  public func record(_ hash: Hash128) throws(StoreError) -> IndexRecord? {
    try renew()
    defer { unsafe mdb_txn_reset(transaction) }
    var key = IndexKey(hash, 0)
    var value = unsafe MDB_val()
    let code = unsafe key.lend { key in
      unsafe mdb_get(transaction, environment.objects, &key, &value)
    }
    guard code != MDB_NOTFOUND else { return nil }
    try IndexEnvironment.check(code, "mdb_get")
    return unsafe Self.decode(value.bytes, number: 0)
  }

  /// Appends the body records that there are among the `count` numbers from `from` on.
  public func bodies(
    _ hash: Hash128, from: UInt32, count: Int,
    into records: inout [(number: UInt32, record: BodyRecord)]
  ) throws(StoreError) {
    guard count > 0 else { return }
    let last = UInt32(clamping: Int(from) + min(count, Int(UInt32.max)) - 1)
    try walk(from: IndexKey(hash, from)) { key, value in
      guard key.hash == hash, key.number <= last else { return false }
      if case .body(let record) = Self.decode(value, number: key.number) {
        records.append((key.number, record))
      }
      return true
    }
  }

  /// Hands out records in the order of their hashes, a batch at a time; `nil` starts the walk.
  ///
  /// The batch is copied first, so `body` may take its time and may change the index.
  /// - Parameters:
  ///   - cursor: where the last step ended.
  ///   - limit: how many entries to visit, at most `StoreLimits.indexWalkEntriesMax`.
  ///   - body: called with hash, number and record.
  /// - Returns: where the walk goes on; `nil` when it is at its end.
  /// - Throws: `.corrupt`, `.halted` or `.io`; then none was handed out.
  public func forEach(
    from cursor: IndexCursor?, limit: Int = StoreLimits.indexWalkEntriesMax,
    _ body: (Hash128, UInt32, IndexRecord) -> Void
  ) throws(StoreError) -> IndexCursor? {
    let start = cursor ?? IndexCursor(hash: Hash128(low: 0, high: 0), number: 0)
    var rest = max(1, min(limit, StoreLimits.indexWalkEntriesMax))
    var next: IndexKey?
    walked.removeAll(keepingCapacity: true)
    try walk(from: IndexKey(start.hash, start.number)) { key, value in
      guard rest > 0 else {
        next = key
        return false
      }
      rest -= 1
      if let record = Self.decode(value, number: key.number) { walked.append((key, record)) }
      return true
    }
    for entry in walked { body(entry.key.hash, entry.key.number, entry.record) }
    return next.map { IndexCursor(hash: $0.hash, number: $0.number) }
  }

  /// Visits entries from `start` on until `body` says `false`.
  private func walk(
    from start: IndexKey, _ body: (IndexKey, Span<UInt8>) -> Bool
  ) throws(StoreError) {
    try renew()
    defer { unsafe mdb_txn_reset(transaction) }
    unsafe try IndexEnvironment.check(
      mdb_cursor_renew(transaction, cursor), "mdb_cursor_renew")
    var first = start
    var key = unsafe MDB_val()
    var value = unsafe MDB_val()
    var code = unsafe first.lend { start in
      unsafe key = start
      return unsafe mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
    }
    while code == 0 {
      guard let found = unsafe IndexKey(key.bytes) else {
        throw StoreError(.corrupt, operation: "reading a key of the index")
      }
      guard unsafe body(found, value.bytes) else { return }
      code = unsafe mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
    }
    guard code == MDB_NOTFOUND else { throw StoreError(lmdb: code, operation: "mdb_cursor_get") }
  }

  private func renew() throws(StoreError) {
    unsafe try IndexEnvironment.check(mdb_txn_renew(transaction), "mdb_txn_renew")
  }

  /// Reads a value; `nil` when it makes no sense under this number.
  private static func decode(_ value: Span<UInt8>, number: UInt32) -> IndexRecord? {
    let record = IndexRecord.decode(value)
    switch record {
    case .object, .vary: return number == 0 ? record : nil
    case .body: return number > 0 ? record : nil
    case nil: return nil
    }
  }
}
