/// A page of an index's file as LMDB 0.9 lays it out, read without trusting it.
///
/// ```
/// page    number 8 | pad 2 | flags 2 | lower 2 | upper 2 | a 2-byte offset per node ... nodes
/// node    low 2 | high 2 | flags 2 | key length 2 | key | value
/// ```
/// In a leaf `low` and `high` are the length of the value; in a branch they are, with the flags,
/// the number of the page below. (mdb.c: MDB_page, MDB_node.)
struct IndexPage {
  /// Which of LMDB's trees a page belongs to.
  enum Tree {
    /// The pages that may be used again: lists of numbers, by transaction.
    case free
    /// The databases by name.
    case main
    /// A database: our own.
    case named(keyBytes: Int?)
  }

  /// The top of a tree.
  struct Root {
    var page: UInt64
    var depth: UInt16
    var tree: Tree

    init(_ record: IndexTreeRecord, _ tree: Tree) {
      page = record.root
      depth = record.depth
      self.tree = tree
    }
  }

  /// What a sound page leads to.
  struct Found {
    var children: [UInt64] = []
    var roots: [Root] = []
  }

  private struct Node {
    var pageBelow: UInt64
    var flags: UInt16
    var key: Range<Int>
    var value: Range<Int>
    /// The whole value's length, where it lies on pages of its own.
    var overflowBytes: Int?
  }

  private static let headBytes = 16
  private static let nodeBytes = 8
  private static let branchFlags: UInt64 = 1
  private static let leafFlags: UInt64 = 2
  private static let overflowNode: UInt16 = 1
  private static let namedNode: UInt16 = 2

  let bytes: [UInt8]
  let number: UInt64
  let lastPage: UInt64

  /// What the page leads to; `nil` when LMDB did not write it so.
  func examine(_ tree: Tree, isLeaf: Bool) -> Found? {
    let lower = Int(bytes.little(at: 12, 2))
    let upper = Int(bytes.little(at: 14, 2))
    guard bytes.little(at: 0, 8) == number,
      bytes.little(at: 10, 2) == (isLeaf ? Self.leafFlags : Self.branchFlags),
      lower >= Self.headBytes, lower <= upper, upper <= bytes.count, lower % 2 == 0
    else { return nil }
    let count = (lower - Self.headBytes) / 2
    // LMDB asserts two in a branch, except of the free pages.
    if !isLeaf {
      if case .free = tree { if count < 1 { return nil } } else if count < 2 { return nil }
    }
    var found = Found()
    for index in 0..<count {
      guard let node = node(index, from: upper, isLeaf: isLeaf),
        isSound(node, index, tree, isLeaf: isLeaf, found: &found)
      else { return nil }
    }
    return found
  }

  private func node(_ index: Int, from upper: Int, isLeaf: Bool) -> Node? {
    let start = Int(bytes.little(at: Self.headBytes + index * 2, 2))
    guard start >= upper, start + Self.nodeBytes <= bytes.count else { return nil }
    let length = bytes.little(at: start, 4)
    let flags = UInt16(bytes.little(at: start + 4, 2))
    let keyStart = start + Self.nodeBytes
    let keyEnd = keyStart + Int(bytes.little(at: start + 6, 2))
    let isOverflow = isLeaf && flags & Self.overflowNode != 0
    let valueEnd = !isLeaf ? keyEnd : keyEnd + (isOverflow ? 8 : Int(length))
    guard valueEnd <= bytes.count else { return nil }
    return Node(
      pageBelow: length | UInt64(flags) << 32, flags: flags, key: keyStart..<keyEnd,
      value: keyEnd..<valueEnd, overflowBytes: isOverflow ? Int(length) : nil)
  }

  private func isSound(
    _ node: Node, _ index: Int, _ tree: Tree, isLeaf: Bool, found: inout Found
  ) -> Bool {
    guard isLeaf else {
      guard isPage(node.pageBelow) else { return false }
      found.children.append(node.pageBelow)
      // The first key of a branch is never read.
      return index == 0 || hasKey(node, tree)
    }
    guard hasKey(node, tree) else { return false }
    switch tree {
    case .free:
      guard node.overflowBytes == nil else {
        return isPage(bytes.little(at: node.value.lowerBound, 8))
      }
      return node.flags == 0 && isFreeList(node.value)
    case .main:
      guard node.flags == Self.namedNode,
        let record = IndexTreeRecord(bytes, at: node.value.lowerBound, count: node.value.count)
      else { return false }
      let isObjects = bytes[node.key].elementsEqual("objects".utf8)
      found.roots.append(
        Root(record, .named(keyBytes: isObjects ? IndexKey.byteCount : nil)))
      return true
    case .named:
      return node.flags == 0
    }
  }

  private func hasKey(_ node: Node, _ tree: Tree) -> Bool {
    switch tree {
    case .free: node.key.count == 8
    case .main, .named(keyBytes: nil): (1...511).contains(node.key.count)
    case .named(keyBytes: let count?): node.key.count == count
    }
  }

  /// A list of free pages: how many, then their numbers, falling.
  private func isFreeList(_ value: Range<Int>) -> Bool {
    guard value.count >= 8 else { return false }
    let count = bytes.little(at: value.lowerBound, 8)
    guard count <= UInt64(value.count / 8 - 1) else { return false }
    var above = lastPage + 1
    for index in 1..<(Int(count) + 1) {
      let page = bytes.little(at: value.lowerBound + index * 8, 8)
      guard isPage(page), page < above else { return false }
      above = page
    }
    return true
  }

  private func isPage(_ page: UInt64) -> Bool { page >= 2 && page <= lastPage }
}

/// What LMDB keeps about a tree (mdb.c: MDB_db).
struct IndexTreeRecord {
  static let byteCount = 48
  let depth: UInt16
  let root: UInt64

  init?(_ bytes: [UInt8], at offset: Int, count: Int = byteCount) {
    guard count == Self.byteCount, offset + Self.byteCount <= bytes.count else { return nil }
    depth = UInt16(bytes.little(at: offset + 6, 2))
    root = bytes.little(at: offset + 40, 8)
  }
}

/// A meta page: where the trees of a committed transaction begin (mdb.c: MDB_meta).
struct IndexMeta {
  static let byteCount = 16 + 136
  static let versionKnown: UInt64 = 1
  private static let magic: UInt64 = 0xBEEF_C0DE
  private static let metaFlag: UInt64 = 8

  let version: UInt64
  let pageBytes: UInt64
  let free: IndexTreeRecord
  let main: IndexTreeRecord
  let lastPage: UInt64
  let transaction: UInt64

  /// Reads the front of a meta page; `nil` when it is none.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, bytes.little(at: 10, 2) & Self.metaFlag != 0,
      bytes.little(at: 16, 4) == Self.magic, let free = IndexTreeRecord(bytes, at: 40),
      let main = IndexTreeRecord(bytes, at: 88)
    else { return nil }
    version = bytes.little(at: 20, 4)
    pageBytes = bytes.little(at: 40, 4)
    self.free = free
    self.main = main
    lastPage = bytes.little(at: 136, 8)
    transaction = bytes.little(at: 144, 8)
  }
}

extension [UInt8] {
  /// The number in `width` bytes from `offset` on, little-endian; the caller knows that they exist.
  fileprivate func little(at offset: Int, _ width: Int) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(self[offset + index]) << UInt64(index * 8) }
    return value
  }
}
