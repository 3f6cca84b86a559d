import Bytes
import Glibc
import Store

/// What a lookup found, compared with what was written.
enum Sighting: Equatable, Sendable {
  case absent, damaged
  /// All of the object, every byte right.
  case whole(version: Int)
  /// Something that was never written.
  case wrong(String)
}

/// A store in a temporary folder, with objects whose bytes tell which they are.
final class StoreLab {
  let folder: String
  let volumeBytes: [UInt64]
  var disk: Disk
  private(set) var writers: [VolumeWriter] = []
  private var opened: (store: ObjectStore, reader: ObjectReader)?
  private let mapBytes: Int
  private let judge: CarryJudge

  static let far = WallTime(milliseconds: 1 << 50)
  static let past = WallTime(milliseconds: 1)

  /// A volume of four zones of 4 MiB unless told otherwise.
  init(
    volumes: [UInt64] = [17 << 20], disk: Disk = SystemDisk(), mapBytes: Int = 64 << 20,
    judge: CarryJudge = CarryJudge(), isCopy: Bool = false
  ) throws {
    var template = Array("/tmp/spillway-store-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw StoreError(code: errno, operation: "mkdtemp") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    volumeBytes = volumes
    self.disk = disk
    self.mapBytes = mapBytes
    self.judge = judge
    if !isCopy { try open() }
  }

  /// Makes a store that is as a closed one is now.
  convenience init(copyOf other: StoreLab, disk: Disk) throws {
    try self.init(volumes: other.volumeBytes, disk: disk, isCopy: true)
    mkdir(folder + "/cache.index", 0o755)
    let names = ["cache.index/data.mdb"] + volumeBytes.indices.map { "volume-\($0)" }
    for name in names {
      let from = Glibc.open("\(other.folder)/\(name)", O_RDONLY)
      let to = Glibc.open("\(folder)/\(name)", O_WRONLY | O_CREAT, 0o644)
      guard from >= 0, to >= 0 else { throw StoreError(code: errno, operation: "open") }
      while copy_file_range(from, nil, to, nil, 1 << 30, 0) > 0 {}
      Glibc.close(from)
      Glibc.close(to)
    }
    try open()
  }

  deinit {
    close()
    for name in ["cache.index", "cache.index.corrupt"] { removeIndex(name) }
    for number in volumeBytes.indices { unlink(path(number)) }
    rmdir(folder)
  }

  func path(_ volume: Int = 0) -> String { "\(folder)/volume-\(volume)" }

  /// Opens the store, as after a start.
  func open(disk: Disk? = nil, filling: Bool = true) throws {
    if let disk { self.disk = disk }
    let settings = StoreSettings(
      indexDirectory: folder + "/cache.index",
      volumes: volumeBytes.enumerated().map { (path($0.offset), $0.element) },
      indexMapBytes: mapBytes)
    let store = try ObjectStore.open(settings, disk: self.disk)
    opened = (store, try store.makeReader())
    writers = volumeBytes.indices.map { store.makeWriter(volume: $0, judge: judge) }
    for writer in writers { try writer.begin() }
    if filling, !store.needsRebuild { try store.fillDirectory { _ in true } }
  }

  func close() {
    writers = []
    opened = nil
  }

  func reopen() throws {
    close()
    try open()
  }

  func removeIndex(_ name: String = "cache.index") {
    for file in ["data.mdb", "lock.mdb"] { unlink("\(folder)/\(name)/\(file)") }
    rmdir("\(folder)/\(name)")
  }

  var store: ObjectStore { current.store }
  var reader: ObjectReader { current.reader }
  var writer: VolumeWriter { writers[0] }
  var counters: VolumeCounters { store.volumes[0].counters }

  private var current: (store: ObjectStore, reader: ObjectReader) {
    guard let opened else { preconditionFailure("the store is closed") }
    return opened
  }

  static func hash(_ number: Int) -> Hash128 {
    Hash128(of: Array("object \(number)".utf8).span)
  }

  /// The body of an object: every 512 bytes say whose they are, of which version, and where.
  static func body(_ number: Int, version: Int, count: Int) -> [UInt8] {
    // The standard library writes a length into the empty array that all threads share.
    if count == 0 { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { memory, used in
      if let start = memory.baseAddress {
        memset(start, Int32(truncatingIfNeeded: number &* 31 &+ version), count)
      }
      let bytes = UnsafeMutableRawBufferPointer(memory)
      for offset in stride(from: 0, to: count - 7, by: 512) {
        let stamp = UInt64(number) << 48 ^ UInt64(version) << 32 ^ UInt64(offset)
        bytes.storeBytes(of: stamp, toByteOffset: offset, as: UInt64.self)
      }
      used = count
    }
  }

  /// Whether these are the bytes of that version; quick in debug builds too.
  static func isBody(_ bytes: [UInt8], _ number: Int, version: Int, count: Int) -> Bool {
    let body = body(number, version: version, count: count)
    return bytes.count == count && memcmp(bytes, body, count) == 0
  }

  static func meta(_ number: Int, version: Int, count: Int) -> [UInt8] {
    Array("\(number) \(version) \(count)".utf8)
  }

  /// Writes an object, in one fragment or several; not committed yet.
  func write(
    _ number: Int, version: Int = 1, count: Int, until: WallTime = StoreLab.far,
    vary: [UInt8] = [], primary: Int? = nil
  ) throws(StoreError) {
    let hash = Self.hash(number)
    let draft = ObjectDraft(
      hash: hash, primary: primary.map { Self.hash($0) } ?? hash, vary: vary, usableUntil: until)
    let writer = writers[Int(store.volume(for: draft.primary).number)]
    let body = Self.body(number, version: version, count: count)
    let meta = Self.meta(number, version: version, count: count)
    guard count > StoreLimits.inlineBodyBytes else {
      try writer.insert(draft, meta: meta.span, body: body.span)
      return
    }
    var object = writer.beginObject(draft)
    for start in stride(from: 0, to: count, by: 1 << 20) {
      let end = min(start + 1 << 20, count)
      try writer.append(to: &object, body.span.extracting(start..<end))
    }
    try writer.finish(object, meta: meta.span)
  }

  func commit() throws(StoreError) { for writer in writers { try writer.commit() } }

  /// Looks an object up and compares every byte.
  func see(_ number: Int) throws -> Sighting {
    guard store.directory.mayHold(Self.hash(number)) else { return .absent }
    switch try reader.find(Self.hash(number)) {
    case .absent, .vary: return .absent
    case .damaged: return .damaged
    case .object(let object):
      let words = String(decoding: object.meta, as: UTF8.self).split(separator: " ")
        .compactMap { Int($0) }
      guard words.count == 3, words[0] == number else { return .wrong("meta of \(words)") }
      guard let bytes = try bytes(of: object, number) else { return .absent }
      guard Self.isBody(bytes, number, version: words[1], count: words[2]) else {
        return .wrong("the body of version \(words[1]) has other bytes")
      }
      return .whole(version: words[1])
    }
  }

  /// The body of an object; `nil` when a part of it went while it was read.
  func bytes(of object: FoundObject, _ number: Int, proves: Bool = true) throws -> [UInt8]? {
    if let body = object.inlineBody { return body }
    var bytes: [UInt8] = []
    for (index, body) in object.bodies.enumerated() {
      guard let body else { return nil }
      var part = [UInt8](repeating: 0, count: Int(body.length))
      let outcome = try part.withUnsafeMutableBytes { memory in
        try reader.read(
          body, of: Self.hash(number), number: UInt32(index + 1), from: 0, into: memory,
          proves: proves)
      }
      guard outcome == .read else { return nil }
      bytes += part
    }
    return bytes
  }

  func find(_ number: Int) throws -> FoundObject? {
    if case .object(let object) = try reader.find(Self.hash(number)) { return object }
    return nil
  }

  func hit(_ number: Int) { store.directory.markHit(Self.hash(number)) }

  /// Where an object's head lies.
  func place(_ number: Int) throws -> Place? { try find(number)?.record.place }

  /// The record of a body fragment.
  func body(_ number: Int, of object: Int) throws -> BodyRecord {
    guard let found = try find(object), let body = found.bodies[number - 1] else {
      throw StoreError(.missing, operation: "looking for a fragment")
    }
    return body
  }

  /// Changes bytes of a closed volume.
  func damage(_ volume: Int = 0, at offset: UInt64, count: Int = 1) throws {
    let file = Glibc.open(path(volume), O_RDWR)
    guard file >= 0 else { throw StoreError(code: errno, operation: "open") }
    defer { Glibc.close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    pread(file, &bytes, count, off_t(offset))
    for index in bytes.indices { bytes[index] ^= 0x55 }
    pwrite(file, bytes, count, off_t(offset))
    fsync(file)
  }
}

/// A thread that runs one body and is joined.
final class TestThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private var thread = pthread_t()

  init(_ run: @escaping @Sendable () -> Void) {
    let body = Unmanaged.passRetained(Body(run)).toOpaque()
    let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { argument in
      guard let argument else { return nil }
      Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }
    let code = pthread_create(&thread, nil, start, body)
    precondition(code == 0, "no thread left")
  }

  func join() { pthread_join(thread, nil) }
}
