import Bytes
import Glibc
import Store
import Testing

@Suite struct `A volume whose configured size has changed` {
  private let lab = IndexLab()
  private var path: String { lab.root + "/volume" }

  private func open(
    _ bytes: UInt64, _ purpose: StorePurpose = .serving
  ) throws(StoreError) -> ObjectStore {
    try ObjectStore.open(
      StoreSettings(
        indexDirectory: lab.directory, volumes: [(path, bytes)], indexMapBytes: 1 << 30,
        purpose: purpose),
      disk: SystemDisk())
  }

  private func fileBytes() -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : -1
  }

  /// Opens, makes the volume one that holds something, and gives its id.
  private func used(_ bytes: UInt64) throws -> UInt64 {
    let store = try open(bytes)
    let writer = store.makeWriter(volume: 0, judge: CarryJudge())
    try writer.begin()
    let hash = Hash128(low: 1, high: 2)
    _ = try writer.insert(
      ObjectDraft(hash: hash, usableUntil: WallTime(milliseconds: .max)), meta: [1, 2].span,
      body: [3].span)
    try writer.commit()
    return store.volumes[0].id
  }

  @Test(arguments: [24, 48] as [UInt64])
  func `is emptied, and its file has that size`(megabytes: UInt64) throws {
    defer { unlink(path) }
    let id = try used(32 << 20)

    let store = try open(megabytes << 20)

    #expect(store.volumes[0].formerBytes == 32 << 20)
    #expect(store.volumes[0].bytes == megabytes << 20)
    #expect(store.volumes[0].id != id)
    #expect(try store.index.entryCount() == 0)
    #expect(!store.needsRebuild)
    #expect(fileBytes() == Int(megabytes << 20))
  }

  @Test func `keeps what it holds if the size is the same, or not told`() throws {
    defer { unlink(path) }
    let id = try used(32 << 20)

    for bytes in [32 << 20, (32 << 20) + 4095, 0] as [UInt64] {
      let store = try open(bytes)

      #expect(store.volumes[0].id == id)
      #expect(store.volumes[0].formerBytes == 0)
      #expect(try store.index.entryCount() == 1)
    }
  }

  @Test func `is left as it is by whoever only looks`() throws {
    defer { unlink(path) }
    let id = try used(32 << 20)

    for purpose in [StorePurpose.looking, .rebuilding] {
      let store = try open(24 << 20, purpose)

      #expect(store.volumes[0].id == id)
      #expect(store.volumes[0].bytes == 32 << 20)
      #expect(try store.index.entryCount() == 1)
    }
  }
}

@Suite struct `Whoever only looks at a store` {
  private let lab = IndexLab()
  private var path: String { lab.root + "/volume" }

  private func refusal(_ purpose: StorePurpose) -> StoreError? {
    do throws(StoreError) {
      _ = try ObjectStore.open(
        StoreSettings(
          indexDirectory: lab.directory, volumes: [(path, 32 << 20)], indexMapBytes: 1 << 30,
          purpose: purpose),
        disk: SystemDisk())
      return nil
    } catch {
      return error
    }
  }

  @Test func `makes no volume, formats no file and makes no index`() throws {
    defer { unlink(path) }

    #expect(refusal(.looking)?.kind == .missing)
    #expect(refusal(.looking)?.path == path)
    #expect(access(path, F_OK) != 0)
    close(creat(path, 0o600))
    #expect(refusal(.rebuilding)?.kind == .notAVolume)
    #expect(refusal(.serving) == nil)
    unlink(lab.dataFile)
    #expect(refusal(.looking)?.path == lab.directory)
    #expect(access(lab.dataFile, F_OK) != 0)
    #expect(refusal(.rebuilding) == nil)
  }

  @Test func `is refused while another has it open, with its path`() throws {
    defer { unlink(path) }
    let settings = StoreSettings(
      indexDirectory: lab.directory, volumes: [(path, 32 << 20)], indexMapBytes: 1 << 30)
    let store = try ObjectStore.open(settings, disk: SystemDisk())

    #expect(refusal(.looking)?.kind == .inUse)
    #expect(refusal(.looking)?.path == path)
    #expect(store.volumes[0].usedZones == 0)
  }

  @Test func `is told of a folder in the place of a volume`() {
    mkdir(path, 0o700)
    defer { rmdir(path) }

    #expect(refusal(.serving)?.kind == .notAVolume)
  }
}
