internal import CLMDB
internal import CLinux
internal import Glibc

/// The LMDB environment: open files, map and databases; readers and the index share it.
@safe final class IndexEnvironment: @unchecked Sendable {
  // Exception: unchecked, because LMDB's environment is made for many threads.
  private let environment: OpaquePointer
  private let folder: Int32
  /// The database of all records.
  let objects: MDB_dbi
  /// The database of what the index says about itself.
  let about: MDB_dbi
  /// Bytes of address space that the system granted.
  let mapBytes: Int

  init(directory: String, mapBytes: Int) throws(StoreError) {
    let folder = try Self.lockFolder(directory)
    do throws(StoreError) {
      try IndexCheck.examine(file: "\(directory)/data.mdb")
      var room = mapBytes
      let environment = unsafe try Self.open(directory, room: &room)
      do throws(StoreError) {
        (objects, about) = unsafe try Self.openDatabases(environment)
      } catch {
        unsafe mdb_env_close(environment)
        throw error
      }
      unsafe self.environment = environment
      self.mapBytes = room
      self.folder = folder
    } catch {
      Self.unlock(folder)
      throw error
    }
  }

  deinit {
    unsafe mdb_env_close(environment)
    Self.unlock(folder)
  }

  /// Starts a transaction; waits for another thread's if it is to write.
  func begin(readOnly: Bool) throws(StoreError) -> OpaquePointer {
    var transaction: OpaquePointer?
    let flags = readOnly ? UInt32(MDB_RDONLY) : 0
    let code = unsafe mdb_txn_begin(environment, nil, flags, &transaction)
    guard code == 0, let transaction = unsafe transaction else {
      throw StoreError(lmdb: code, operation: "mdb_txn_begin")
    }
    return unsafe transaction
  }

  /// Bytes of the data file up to the last page that was ever in use.
  var usedBytes: UInt64 {
    var info = unsafe MDB_envinfo()
    var pages = MDB_stat()
    unsafe mdb_env_info(environment, &info)
    unsafe mdb_env_stat(environment, &pages)
    return unsafe (UInt64(info.me_last_pgno) + 1) * UInt64(pages.ms_psize)
  }

  /// Makes the file as long as LMDB counts it.
  ///
  /// A page that a transaction took at the end and gave up again is counted but not written. Then
  /// a sound file would look like one that was cut, and `IndexCheck` would refuse it.
  func coverLastPage() throws(StoreError) {
    var descriptor: Int32 = -1
    unsafe mdb_env_get_fd(environment, &descriptor)
    var facts = stat()
    guard unsafe fstat(descriptor, &facts) == 0 else {
      throw StoreError(code: errno, operation: "fstat")
    }
    let wanted = off_t(usedBytes)
    guard facts.st_size < wanted else { return }
    guard ftruncate(descriptor, wanted) == 0, fdatasync(descriptor) == 0 else {
      throw StoreError(code: errno, operation: "ftruncate")
    }
  }

  /// Opens or creates the directory and locks it; the descriptor holds the lock.
  ///
  /// The corresponding C function is `flock`. LMDB's own locks would let a second process in, and
  /// two environments in one process would break them.
  static func lockFolder(_ directory: String) throws(StoreError) -> Int32 {
    guard unsafe mkdir(directory, 0o755) == 0 || errno == EEXIST else {
      throw StoreError(code: errno, operation: "mkdir")
    }
    let folder = unsafe Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw StoreError(code: errno, operation: "open") }
    guard flock(folder, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(folder)
      throw StoreError(code: code, operation: "flock")
    }
    return folder
  }

  /// Gives the directory back, also where a child that is being started has the descriptor still.
  static func unlock(_ folder: Int32) {
    flock(folder, LOCK_UN)
    close(folder)
  }

  /// Opens the environment with as much room as the system grants.
  private static func open(
    _ directory: String, room: inout Int
  ) throws(StoreError) -> OpaquePointer {
    while true {
      do throws(StoreError) {
        return unsafe try open(directory, mapBytes: room)
      } catch {
        let next = room / StoreLimits.indexMapStep
        guard error.kind == .noMemory, next >= StoreLimits.indexMapBytesMin else { throw error }
        room = next
      }
    }
  }

  private static func open(
    _ directory: String, mapBytes: Int
  ) throws(StoreError) -> OpaquePointer {
    var made: OpaquePointer?
    let created = unsafe mdb_env_create(&made)
    guard created == 0, let environment = unsafe made else {
      throw StoreError(lmdb: created, operation: "mdb_env_create")
    }
    do throws(StoreError) {
      unsafe try check(mdb_env_set_mapsize(environment, mapBytes), "mdb_env_set_mapsize")
      unsafe try check(mdb_env_set_maxdbs(environment, 2), "mdb_env_set_maxdbs")
      unsafe try check(
        mdb_env_set_maxreaders(environment, StoreLimits.indexReadersMax),
        "mdb_env_set_maxreaders")
      let flags = UInt32(MDB_NOTLS | MDB_NORDAHEAD)
      unsafe try check(mdb_env_open(environment, directory, flags, 0o644), "mdb_env_open")
      var dead: Int32 = 0
      unsafe try check(mdb_reader_check(environment, &dead), "mdb_reader_check")
    } catch {
      unsafe mdb_env_close(environment)
      throw error
    }
    return unsafe environment
  }

  /// Opens the two databases, or makes them in an empty file, and compares the format.
  private static func openDatabases(
    _ environment: OpaquePointer
  ) throws(StoreError) -> (objects: MDB_dbi, about: MDB_dbi) {
    var made: OpaquePointer?
    let began = unsafe mdb_txn_begin(environment, nil, 0, &made)
    guard began == 0, let begun = unsafe made else {
      throw StoreError(lmdb: began, operation: "mdb_txn_begin")
    }
    let transaction = unsafe IndexTransaction(taking: begun)
    let isNew = try transaction.isEmptyFile()
    let about = try transaction.database("about", create: isNew)
    let objects = try transaction.database("objects", create: isNew)
    if isNew {
      try transaction.note(IndexAbout.format, IndexAbout.formatBytes, in: about)
    } else if try transaction.note(IndexAbout.format, in: about) != IndexAbout.formatBytes {
      throw StoreError(.foreignFormat, operation: "comparing the format of the index")
    }
    try transaction.commit()
    return (objects, about)
  }

  /// Throws what a result of LMDB says.
  static func check(_ code: Int32, _ operation: StaticString) throws(StoreError) {
    guard code == 0 else { throw StoreError(lmdb: code, operation: operation) }
  }
}
