internal import Glibc

/// What lies where on the volumes: an LMDB environment in a directory of its own.
///
/// Any thread may use it; it blocks on the disk, so no worker does. One transaction writes at a
/// time, and a second `apply` waits for the first. One process, and one `Index` in it, has the
/// directory open at a time; it stays open until the index and all its readers are gone.
///
/// What is committed survives a crash and a power cut. LMDB keeps no checksums: a damaged page
/// that is not found on opening (`StoreLimits.indexCheckPagesMax`) can end the process, and so
/// does a disk that cannot read a page of it (SIGBUS).
public final class Index: Sendable {
  private let environment: IndexEnvironment

  /// Opens the index in `directory`, which is created where it does not exist.
  ///
  /// - Parameters:
  ///   - directory: the folder of LMDB's two files, and of nothing else.
  ///   - mapBytes: how large the index may grow; less where the system refuses the addresses.
  /// - Throws: `.corrupt` or `.foreignFormat` when it must be erased and built anew, `.inUse` when
  ///   it is open elsewhere, `.readOnly`, `.missing`, `.noSpace` or `.io` as the system says.
  public init(directory: String, mapBytes: Int = StoreLimits.indexMapBytes) throws(StoreError) {
    environment = try IndexEnvironment(directory: directory, mapBytes: mapBytes)
  }

  /// Deletes an index, so that it can be built anew: for one that cannot be opened.
  ///
  /// - Throws: `.inUse` when it is open.
  public static func erase(directory: String) throws(StoreError) {
    let folder = try IndexEnvironment.lockFolder(directory)
    defer { IndexEnvironment.unlock(folder) }
    for name in ["data.mdb", "lock.mdb"] {
      guard unsafe unlinkat(folder, name, 0) == 0 || errno == ENOENT else {
        throw StoreError(code: errno, operation: "unlinkat")
      }
    }
    guard fsync(folder) == 0 else { throw StoreError(code: errno, operation: "fsync") }
  }

  /// Commits all changes in one transaction, in their order; they are on the disk on return.
  ///
  /// - Throws: when nothing was changed: `.mapFull`, `.noSpace` or `.io` (LMDB reports a write that
  ///   a full disk cut short as `EIO`); after `.halted` and `.corrupt` it must be opened anew.
  public func apply(_ changes: [IndexChange]) throws(StoreError) {
    guard !changes.isEmpty else { return }
    let transaction = try write()
    var scratch: [UInt8] = []
    scratch.reserveCapacity(StoreLimits.indexRecordBytesMax)
    for change in changes {
      try transaction.apply(change, in: environment.objects, scratch: &scratch)
    }
    try commit(transaction)
  }

  /// Makes a reader for one thread.
  ///
  /// - Throws: `.tooManyReaders`.
  public func reader() throws(StoreError) -> IndexReader {
    try IndexReader(environment)
  }

  /// How many records there are, of objects, rules and body fragments.
  public func entryCount() throws(StoreError) -> UInt64 {
    let transaction = unsafe try IndexTransaction(taking: environment.begin(readOnly: true))
    return try transaction.entryCount(in: environment.objects)
  }

  /// Bytes of the data file that have ever been in use: what it takes on the disk.
  public var usedBytes: UInt64 { environment.usedBytes }

  /// Bytes of address space that the system granted: how large the index can grow.
  public var mapBytes: Int { environment.mapBytes }

  /// Whether the index is whole and was built of exactly these volumes, by their ids in the order
  /// of their numbers; `false` means that it must be built anew.
  public func belongs(to volumes: [UInt64]) throws(StoreError) -> Bool {
    let transaction = unsafe try IndexTransaction(taking: environment.begin(readOnly: true))
    let known = try transaction.note(IndexAbout.volumes, in: environment.about)
    return known == IndexAbout.bytes(of: volumes)
  }

  /// Notes that the index is whole and belongs to these volumes: the last step of building it.
  public func adopt(volumes: [UInt64]) throws(StoreError) {
    let transaction = try write()
    try transaction.note(
      IndexAbout.volumes, IndexAbout.bytes(of: volumes), in: environment.about)
    try commit(transaction)
  }

  /// Removes all records and the note of the volumes: the first step of building it anew.
  public func removeAll() throws(StoreError) {
    let transaction = try write()
    try transaction.empty(environment.objects)
    try transaction.removeNote(IndexAbout.volumes, in: environment.about)
    try commit(transaction)
  }

  private func write() throws(StoreError) -> IndexTransaction {
    unsafe try IndexTransaction(taking: environment.begin(readOnly: false))
  }

  private func commit(_ transaction: consuming IndexTransaction) throws(StoreError) {
    try transaction.commit()
    try environment.coverLastPage()
  }
}
