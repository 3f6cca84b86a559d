import Bytes
import Glibc
import Store
import Testing

@Suite struct `The index, when something fails,` {
  let lab = IndexLab()

  @Test func `has the last committed batch in what a power cut leaves`() throws {
    let index = try lab.open()
    try index.apply((0..<500).map { .put(hash: .test($0), number: 0, .object(serial: 1)) })

    let after = try lab.copyAfterCrash()

    #expect(try after.entryCount() == 500)
    #expect(try after.reader().record(.test(7)) == .object(serial: 1))
  }

  @Test(arguments: 1...6)
  func `has whole batches alone after the process was killed while it wrote`(
    _ kill: Int
  ) async throws {
    let directory = lab.directory
    let batchesBefore = UInt64(kill * 3)

    await #expect(processExitsWith: .signal(SIGKILL)) {
      [directory = directory as String, batchesBefore = batchesBefore as UInt64] in
      let index = try Index(directory: directory, mapBytes: 1 << 30)
      let watcher = Task.detached {
        let reader = try index.reader()
        while try reader.record(.test(batchesBefore * 200)) == nil {}
        Glibc.kill(getpid(), SIGKILL)
      }
      _ = watcher
      for batch in 0..<10_000 as Range<UInt64> {
        try index.apply(
          (0..<200).map { .put(hash: .test(batch * 200 + $0), number: 0, .object(serial: batch)) })
      }
    }

    let count = try lab.open().entryCount()
    #expect(count % 200 == 0, "a part of a batch")
    #expect(count > batchesBefore * 200, "what was seen is gone")
    let last = try lab.open().reader().record(.test(count - 1))
    #expect(last == .object(serial: count / 200 - 1))
  }

  @Test func `says that it is full, keeps what it has and goes on`() throws {
    let index = try lab.open(mapBytes: 1 << 20)
    var batches: UInt64 = 0
    let full = failure { () throws(StoreError) in
      while true {
        try index.apply(
          (0..<100).map {
            .put(hash: .test(batches * 100 + $0), number: 0, .object(serial: batches))
          })
        batches += 1
      }
    }

    let kept = try index.entryCount()
    try index.apply([.removeObject(hash: .test(1), serialAtMost: .max)])

    #expect(full == .mapFull)
    #expect(batches > 10 && kept == batches * 100, "a batch was committed in part")
    #expect(try index.entryCount() == kept - 1)
  }

  @Test func `reports a disk that takes no more, and goes on when it does again`() async throws {
    let directory = lab.directory

    await #expect(processExitsWith: .success) { [directory = directory as String] in
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 1 << 18, rlim_max: .max)
      setrlimit(__rlimit_resource_t(1), &limit)
      let index = try Index(directory: directory, mapBytes: 1 << 30)
      var batches: UInt64 = 0
      let refused = failure { () throws(StoreError) in
        while true {
          try index.apply(
            (0..<100).map { .put(hash: .test(batches * 100 + $0), number: 0, .object(serial: 1)) })
          batches += 1
        }
      }
      // LMDB calls a write that was cut short an input/output error.
      #expect(refused == .noSpace || refused == .io)
      let kept = try index.entryCount()
      #expect(kept == batches * 100)

      limit.rlim_cur = .max
      setrlimit(__rlimit_resource_t(1), &limit)
      try index.apply([.put(hash: .test(1 << 40), number: 0, .object(serial: 1))])
      let more = try index.entryCount()
      #expect(more == kept + 1)
    }
  }

  @Test func `names the operation and the reason`() throws {
    let index = try lab.open(mapBytes: 1 << 17)

    let error = #expect(throws: StoreError.self) {
      try index.apply((0..<9000).map { .put(hash: .test($0), number: 0, .object(serial: 1)) })
    }

    #expect(error?.description == "mdb_put: MDB_MAP_FULL: Environment mapsize limit reached")
    #expect(error == StoreError(.mapFull, code: -30792, operation: "mdb_put"))
    #expect(StoreError(code: EIO, operation: "pread").description == "pread: Input/output error")
    #expect(
      StoreError(.gone, operation: "reading").description == "reading: it has been overwritten")
  }

  @Test func `is open once at a time`() throws {
    var index: Index? = try lab.open()
    let second = lab.refusal()
    let erased = failure { () throws(StoreError) in try Index.erase(directory: lab.directory) }
    var reader = try index?.reader()
    index = nil
    let whileRead = lab.refusal()
    _ = reader
    reader = nil

    #expect(second == .inUse && erased == .inUse && whileRead == .inUse)
    #expect(lab.refusal() == nil)
  }

  @Test func `refuses one reader too many and takes it when another is gone`() throws {
    let index = try lab.open()
    var readers = try (0..<StoreLimits.indexReadersMax).map { _ in try index.reader() }

    let refused = failure { () throws(StoreError) in _ = try index.reader() }
    readers.removeLast()

    #expect(refused == .tooManyReaders)
    #expect(failure { () throws(StoreError) in _ = try index.reader() } == nil)
  }

  @Test func `cannot be made below a folder that does not exist, or in place of a file`() throws {
    let missing = failure { () throws(StoreError) in
      _ = try Index(directory: "\(lab.root)/no/index", mapBytes: 1 << 30)
    }
    try lab.write([1], to: "\(lab.root)/copy")
    let file = failure { () throws(StoreError) in
      _ = try Index(directory: "\(lab.root)/copy", mapBytes: 1 << 30)
    }
    unlink("\(lab.root)/copy")

    #expect(missing == .missing && file == .missing)
  }

  @Test func `cannot be made where nothing may be written`() async {
    await #expect(processExitsWith: .success) {
      let lab = IndexLab()
      chmod(lab.root, 0o555)
      if geteuid() == 0 { seteuid(65_534) }
      let kind = lab.refusal()
      if getuid() == 0 { seteuid(0) }
      chmod(lab.root, 0o755)
      rmdir(lab.root)
      #expect(kind == .readOnly)
    }
  }

  @Test func `is content with less address space where the system refuses more`() throws {
    let index = try lab.open(mapBytes: 1 << 60)

    try index.apply([.put(hash: .test(1), number: 0, .object(serial: 1))])

    #expect(index.mapBytes < 1 << 60 && index.mapBytes >= StoreLimits.indexMapBytesMin)
    #expect(try index.entryCount() == 1)
  }
}
