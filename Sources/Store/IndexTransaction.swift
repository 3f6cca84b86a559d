internal import Bytes
internal import CLMDB

/// A transaction of LMDB; one that is not committed changes nothing.
@safe struct IndexTransaction: ~Copyable {
  private let transaction: OpaquePointer

  /// Takes over a transaction that has begun.
  init(taking transaction: OpaquePointer) { unsafe self.transaction = transaction }

  deinit { unsafe mdb_txn_abort(transaction) }

  /// Writes what was changed, and waits until it is on the disk.
  consuming func commit() throws(StoreError) {
    let code = unsafe mdb_txn_commit(transaction)  // Frees it whatever the result.
    discard self
    try IndexEnvironment.check(code, "mdb_txn_commit")
  }

  /// Does one change; after an error the transaction must be given up.
  func apply(
    _ change: IndexChange, in database: MDB_dbi, scratch: inout [UInt8]
  ) throws(StoreError) {
    switch change {
    case .put(let hash, let number, let record):
      try put(IndexKey(hash, number), record, in: database, scratch: &scratch)
    case .removeIfAt(let hash, let number, let place):
      try remove(IndexKey(hash, number), ifAt: place, in: database)
    case .removeObject(let hash, let serialAtMost):
      try removeObject(hash, serialAtMost: serialAtMost, in: database)
    }
  }

  private func put(
    _ key: IndexKey, _ record: IndexRecord, in database: MDB_dbi, scratch: inout [UInt8]
  ) throws(StoreError) {
    if let known = try find(key, in: database), known.serial > record.serial { return }
    record.encode(into: &scratch)
    try put(key, scratch, in: database)
  }

  private func put(
    _ key: IndexKey, _ bytes: [UInt8], in database: MDB_dbi
  ) throws(StoreError) {
    var key = key
    let code = unsafe key.lend { key in
      unsafe Self.put(&key, bytes, transaction, database)
    }
    try IndexEnvironment.check(code, "mdb_put")
  }

  private func remove(
    _ key: IndexKey, ifAt place: Place, in database: MDB_dbi
  ) throws(StoreError) {
    guard let known = try find(key, in: database) else { return }
    let isThere =
      switch known {
      case .object, .body: known.place == place
      case .vary: known.place.sharesZone(with: place)
      }
    guard isThere else { return }
    var key = key
    let code = unsafe key.lend { key in unsafe mdb_del(transaction, database, &key, nil) }
    try IndexEnvironment.check(code, "mdb_del")
  }

  /// What makes no sense is removed too: nobody can use it.
  private func removeObject(
    _ hash: Hash128, serialAtMost: UInt64, in database: MDB_dbi
  ) throws(StoreError) {
    var made: OpaquePointer?
    let opened = unsafe mdb_cursor_open(transaction, database, &made)
    guard opened == 0, let cursor = unsafe made else {
      throw StoreError(lmdb: opened, operation: "mdb_cursor_open")
    }
    defer { unsafe mdb_cursor_close(cursor) }
    var first = IndexKey(hash, 0)
    var key = unsafe MDB_val()
    var value = unsafe MDB_val()
    var code = unsafe first.lend { start in
      unsafe key = start
      return unsafe mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE)
    }
    while code == 0, unsafe IndexKey(key.bytes)?.hash == hash {
      if unsafe (IndexRecord.decode(value.bytes)?.serial ?? 0) <= serialAtMost {
        unsafe try IndexEnvironment.check(mdb_cursor_del(cursor, 0), "mdb_cursor_del")
      }
      // After a removal this is the entry that took the place of the removed one.
      code = unsafe mdb_cursor_get(cursor, &key, &value, MDB_NEXT)
    }
    guard code == 0 || code == MDB_NOTFOUND else {
      throw StoreError(lmdb: code, operation: "mdb_cursor_get")
    }
  }

  private func find(_ key: IndexKey, in database: MDB_dbi) throws(StoreError) -> IndexRecord? {
    var key = key
    var value = unsafe MDB_val()
    let code = unsafe key.lend { key in unsafe mdb_get(transaction, database, &key, &value) }
    guard code != MDB_NOTFOUND else { return nil }
    try IndexEnvironment.check(code, "mdb_get")
    return unsafe IndexRecord.decode(value.bytes)
  }
}

/// What the index says about itself, and how much it holds.
extension IndexTransaction {
  /// Whether nothing was ever committed to the file.
  func isEmptyFile() throws(StoreError) -> Bool {
    var main: MDB_dbi = 0
    unsafe try IndexEnvironment.check(mdb_dbi_open(transaction, nil, 0, &main), "mdb_dbi_open")
    return try entryCount(in: main) == 0
  }

  /// Opens a database by its name.
  func database(_ name: StaticString, create: Bool) throws(StoreError) -> MDB_dbi {
    var database: MDB_dbi = 0
    let flags = create ? UInt32(MDB_CREATE) : 0
    let code = unsafe mdb_dbi_open(transaction, name.description, flags, &database)
    if code == MDB_NOTFOUND {
      throw StoreError(.foreignFormat, code: code, operation: "mdb_dbi_open")
    }
    try IndexEnvironment.check(code, "mdb_dbi_open")
    return database
  }

  /// How many entries a database has.
  func entryCount(in database: MDB_dbi) throws(StoreError) -> UInt64 {
    var facts = MDB_stat()
    unsafe try IndexEnvironment.check(mdb_stat(transaction, database, &facts), "mdb_stat")
    return UInt64(facts.ms_entries)
  }

  /// Removes all entries of a database.
  func empty(_ database: MDB_dbi) throws(StoreError) {
    unsafe try IndexEnvironment.check(mdb_drop(transaction, database, 0), "mdb_drop")
  }

  /// What is noted under a name.
  func note(_ name: [UInt8], in database: MDB_dbi) throws(StoreError) -> [UInt8]? {
    var value = unsafe MDB_val()
    let code = unsafe Self.lend(name) { name in
      unsafe mdb_get(transaction, database, &name, &value)
    }
    guard code != MDB_NOTFOUND else { return nil }
    try IndexEnvironment.check(code, "mdb_get")
    return unsafe Array(UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size))
  }

  /// Notes `bytes` under a name.
  func note(_ name: [UInt8], _ bytes: [UInt8], in database: MDB_dbi) throws(StoreError) {
    let code = unsafe Self.lend(name) { name in
      unsafe Self.put(&name, bytes, transaction, database)
    }
    try IndexEnvironment.check(code, "mdb_put")
  }

  /// Forgets what is noted under a name.
  func removeNote(_ name: [UInt8], in database: MDB_dbi) throws(StoreError) {
    let code = unsafe Self.lend(name) { name in
      unsafe mdb_del(transaction, database, &name, nil)
    }
    if code != MDB_NOTFOUND { try IndexEnvironment.check(code, "mdb_del") }
  }

  private static func put(
    _ key: inout MDB_val, _ bytes: [UInt8], _ transaction: OpaquePointer, _ database: MDB_dbi
  ) -> Int32 {
    var key = unsafe key
    return unsafe lend(bytes) { value in
      unsafe mdb_put(transaction, database, &key, &value, 0)
    }
  }

  /// Lends bytes to one call of LMDB, which neither changes nor keeps them.
  private static func lend(_ bytes: [UInt8], _ body: (inout MDB_val) -> Int32) -> Int32 {
    unsafe bytes.withUnsafeBytes { buffer in
      let address = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
      var value = unsafe MDB_val(mv_size: buffer.count, mv_data: address)
      return unsafe body(&value)
    }
  }
}
