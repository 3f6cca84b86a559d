import Bytes
import Store
import Testing

@Suite struct `A damaged index` {
  let lab = IndexLab()

  /// An index of two thousand objects, closed.
  private func build() throws {
    let index = try lab.open()
    for batch in 0..<4 as Range<UInt64> {
      try index.apply(
        (0..<500).map { .put(hash: .test(batch * 500 + $0), number: 0, .object(serial: 1)) })
    }
  }

  @Test func `is refused when it is garbage, and can be erased and built anew`() throws {
    try build()
    try lab.write([UInt8](repeating: 0xA5, count: 100_000))
    let refused = lab.refusal()

    try Index.erase(directory: lab.directory)
    let index = try lab.open()

    #expect(refused == .corrupt)
    #expect(try index.entryCount() == 0)
  }

  @Test func `is refused wherever it was cut`() throws {
    try build()
    let whole = try lab.read()

    for count in [1, 100, 151, 152, 4095, 4096, 4200, 8192, whole.count / 2, whole.count - 1] {
      try lab.write(Array(whole[..<count]))
      #expect(lab.refusal() == .corrupt, "cut after \(count) bytes")
    }
  }

  @Test func `is new when it is empty`() throws {
    try build()

    try lab.write([])

    #expect(try lab.open().entryCount() == 0)
  }

  @Test func `is refused when another version of LMDB or of Spillway wrote it`() throws {
    try build()
    let whole = try lab.read()
    var other = whole
    other[20] = 2
    try lab.write(other)
    let lmdb = lab.refusal()
    var format = whole
    for place in try places(of: Array("format".utf8) + [1, 0, 0, 0], in: whole) {
      format[place + 6] = 2
    }
    try lab.write(format)

    #expect(lmdb == .foreignFormat)
    #expect(lab.refusal() == .foreignFormat)
  }

  @Test func `is refused when a page of it was emptied`() throws {
    try build()
    let whole = try lab.read()
    var refused = 0

    for page in 2..<whole.count / 4096 {
      var damaged = whole
      for index in page * 4096..<(page + 1) * 4096 { damaged[index] = 0 }
      try lab.write(damaged)
      if let kind = lab.refusal() {
        #expect(kind == .corrupt)
        refused += 1
      }
    }

    #expect(refused > 30, "pages that are not in use may be anything")
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `is refused or served, whatever was written over its pages`(_ seed: UInt64) async throws {
    try build()
    let directory = lab.directory
    let dataFile = lab.dataFile

    // In a process of its own: LMDB ends it over what the check lets pass.
    await #expect(processExitsWith: .success) {
      [directory = directory as String, dataFile = dataFile as String, seed = seed as UInt64] in
      let lab = IndexLab()
      let whole = try lab.read(dataFile)
      var random = RandomSource(seed: seed)
      for _ in 0..<20 {
        var damaged = whole
        let page = Int.random(in: 2..<whole.count / 4096, using: &random) * 4096
        let isHead = Bool.random(using: &random)
        for _ in 0..<Int.random(in: 1...64, using: &random) {
          let offset = Int.random(in: 0..<(isHead ? 64 : 4096), using: &random)
          damaged[page + offset] = UInt8.random(in: 0...255, using: &random)
        }
        try lab.write(damaged, to: dataFile)
        let failed = failure { () throws(StoreError) in
          let index = try Index(directory: directory, mapBytes: 1 << 30)
          let reader = try index.reader()
          for number in 0..<2000 as Range<UInt64> { _ = try reader.record(.test(number)) }
          var cursor: IndexCursor?
          repeat { cursor = try reader.forEach(from: cursor) { _, _, _ in } } while cursor != nil
          try index.apply(
            (0..<500).map { .put(hash: .test(5000 + $0), number: 0, .object(serial: 1)) })
          try index.apply((0..<900).map { .removeObject(hash: .test($0), serialAtMost: 9) })
        }
        #expect([nil, .corrupt, .foreignFormat].contains(failed))
      }
    }
  }
}

/// Where `bytes` occur.
private func places(of bytes: [UInt8], in whole: [UInt8]) throws -> [Int] {
  let found = (0..<whole.count - bytes.count).filter {
    whole[$0] == bytes[0] && Array(whole[$0..<$0 + bytes.count]) == bytes
  }
  try #require(!found.isEmpty)
  return found
}
