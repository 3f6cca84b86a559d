internal import CLinux
internal import Glibc

/// Looks at the pages of an index before LMDB does.
///
/// LMDB has no checksums. It trusts what it maps: a file that was cut raises SIGBUS, and a page of
/// garbage ends the process by an assertion or worse. So the file is read beforehand, the newest
/// root first and then level by level, and each page must be what LMDB 0.9 writes.
struct IndexCheck: ~Copyable {
  private struct Visit {
    var page: UInt64
    var tree: IndexPage.Tree
    /// Levels from here to the leaves; 1 is a leaf.
    var depth: Int
  }

  private let file: Int32
  private var pageBytes = 0
  private var lastPage: UInt64 = 0
  private var queue: [Visit] = []
  private var seen: Set<UInt64> = []

  private init(file: Int32) { self.file = file }

  deinit { close(file) }

  /// Examines a data file as far as `StoreLimits.indexCheckPagesMax`; none at all is sound.
  ///
  /// - Throws: `.corrupt` or `.foreignFormat`; or what opening and reading fail with.
  static func examine(file path: String) throws(StoreError) {
    let file = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      if errno == ENOENT { return }
      throw StoreError(code: errno, operation: "open")
    }
    var check = IndexCheck(file: file)
    try check.run()
  }

  private mutating func run() throws(StoreError) {
    var facts = stat()
    guard unsafe fstat(file, &facts) == 0 else {
      throw StoreError(code: errno, operation: "fstat")
    }
    // LMDB makes a new index of an empty file.
    guard facts.st_size > 0 else { return }
    try readRoots()
    // A page is counted once it was ever in use: a shorter file was cut.
    guard UInt64(facts.st_size) / UInt64(pageBytes) > lastPage else { throw Self.corrupt }
    var next = 0
    while next < queue.count, next < StoreLimits.indexCheckPagesMax {
      let visit = queue[next]
      next += 1
      guard seen.insert(visit.page).inserted else { throw Self.corrupt }
      let page = IndexPage(
        bytes: try read(page: visit.page), number: visit.page, lastPage: lastPage)
      guard let found = page.examine(visit.tree, isLeaf: visit.depth == 1) else {
        throw Self.corrupt
      }
      for child in found.children { add(child, visit.tree, depth: visit.depth - 1) }
      for root in found.roots { try add(root) }
    }
  }

  /// Reads both meta pages and takes the younger, as LMDB does.
  private mutating func readRoots() throws(StoreError) {
    guard let first = IndexMeta(try read(at: 0, count: IndexMeta.byteCount)) else {
      throw Self.corrupt
    }
    guard first.version == IndexMeta.versionKnown else {
      throw StoreError(.foreignFormat, operation: "reading the head of the index")
    }
    pageBytes = Int(first.pageBytes)
    guard (512...32_768).contains(pageBytes), pageBytes.nonzeroBitCount == 1,
      let second = IndexMeta(try read(at: pageBytes, count: IndexMeta.byteCount))
    else { throw Self.corrupt }
    let meta = second.transaction > first.transaction ? second : first
    lastPage = meta.lastPage
    guard lastPage >= 1, lastPage < UInt64(Int32.max) << 8 else { throw Self.corrupt }
    try add(IndexPage.Root(meta.free, .free))
    try add(IndexPage.Root(meta.main, .main))
  }

  private mutating func add(_ root: IndexPage.Root) throws(StoreError) {
    guard root.page != .max else { return }
    guard (1...32).contains(root.depth) else { throw Self.corrupt }
    add(root.page, root.tree, depth: Int(root.depth))
  }

  /// Queues a page and asks the system to read it ahead, so that a cold check waits but once a
  /// level.
  private mutating func add(_ page: UInt64, _ tree: IndexPage.Tree, depth: Int) {
    guard queue.count < StoreLimits.indexCheckPagesMax else { return }
    queue.append(Visit(page: page, tree: tree, depth: depth))
    posix_fadvise(
      file, off_t(page) * off_t(pageBytes), off_t(pageBytes), POSIX_FADV_WILLNEED)
  }

  private func read(page: UInt64) throws(StoreError) -> [UInt8] {
    guard page >= 2, page <= lastPage else { throw Self.corrupt }
    return try read(at: Int(page) * pageBytes, count: pageBytes)
  }

  private func read(at offset: Int, count: Int) throws(StoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe pread(file, buffer.baseAddress, count, off_t(offset))
    }
    guard got >= 0 else { throw StoreError(code: errno, operation: "pread") }
    guard got == count else { throw Self.corrupt }
    return bytes
  }

  private static let corrupt = StoreError(.corrupt, operation: "examining the index")
}
