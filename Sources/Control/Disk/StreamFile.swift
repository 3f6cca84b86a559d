internal import Bytes
internal import Glibc
internal import Loop
internal import Origin
internal import Streams

/// Where the records of live playlists are kept over a restart: a small file in memory.
///
/// A store into a shared map outlives the process without a system call, so that a record is down
/// before what it says is sent, on the thread that sends it. Each record has two places that are
/// written in turn: one that a crash tore fails its checksum, and the older one is taken. A power
/// cut may lose the last half minute.
@safe final class StreamFile: StreamRecorder, @unchecked Sendable {
  // Exception: unchecked, because the stream book's lock guards all that changes.
  private static let half = 512
  private static let places = 4096
  private static let bytes = places * 2 * half
  /// Checksum, turn and length in front of a record.
  private static let front = 16

  private let memory: UnsafeMutableRawBufferPointer
  private var place: [Hash128: (index: Int, turn: UInt32)] = [:]
  private var found: [StreamRecord] = []
  private var next = 0

  /// Opens or makes the file.
  init(path: String) throws(SystemError) {
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw SystemError(code: errno, call: "open") }
    defer { close(file) }
    guard ftruncate(file, off_t(Self.bytes)) == 0,
      posix_fallocate(file, 0, off_t(Self.bytes)) == 0
    else { throw SystemError(code: errno, call: "posix_fallocate") }
    let map = unsafe mmap(nil, Self.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let map = unsafe map, unsafe map != MAP_FAILED else {
      throw SystemError(code: errno, call: "mmap")
    }
    unsafe memory = UnsafeMutableRawBufferPointer(start: map, count: Self.bytes)
    super.init()
    read()
  }

  deinit { unsafe munmap(memory.baseAddress, memory.count) }

  override func records() -> [StreamRecord] { found }

  override func write(_ record: StreamRecord) {
    guard let bytes = record.encoded else { return }
    if place[record.name] == nil {
      // The oldest places are taken first once all are used.
      let index = next % Self.places
      next += 1
      place = place.filter { $0.value.index != index }
      place[record.name] = (index, 0)
    }
    guard case (let index, var turn)? = place[record.name] else { return }
    turn &+= 1
    place[record.name] = (index, turn)
    var block = [UInt8](repeating: 0, count: Self.front - 8)
    for shift in 0..<4 { block[shift] = UInt8(truncatingIfNeeded: turn >> UInt32(shift * 8)) }
    for shift in 0..<4 { block[4 + shift] = UInt8(truncatingIfNeeded: bytes.count >> (shift * 8)) }
    block += bytes
    let sum = Hash128(of: block.span).low
    let start = (index * 2 + Int(turn & 1)) * Self.half
    unsafe memory.storeBytes(of: 0, toByteOffset: start, as: UInt64.self)
    unsafe block.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[(start + 8)..<(start + Self.half)])
        .copyMemory(from: source)
    }
    unsafe memory.storeBytes(of: sum, toByteOffset: start, as: UInt64.self)
  }

  private func read() {
    for index in 0..<Self.places {
      let halves = [0, 1].compactMap { half(index * 2 + $0) }
      guard let newest = halves.max(by: { $0.turn < $1.turn }) else { continue }
      place[newest.record.name] = (index, newest.turn)
      found.append(newest.record)
      next = max(next, index + 1)
    }
  }

  private func half(_ number: Int) -> (record: StreamRecord, turn: UInt32)? {
    let start = number * Self.half
    let block = unsafe Array(memory[(start + 8)..<(start + Self.half)])
    let count = block[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard count > 0, count <= Self.half - Self.front else { return nil }
    let used = Array(block.prefix(8 + count))
    let sum = unsafe memory.loadUnaligned(fromByteOffset: start, as: UInt64.self)
    guard Hash128(of: used.span).low == sum,
      let record = StreamRecord(used.span.extracting(8..<used.count))
    else { return nil }
    return (record, block[..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
  }
}
