import Bytes
import Glibc
import Store

/// A disk over real files that fails, waits and loses power where a test says.
///
/// It remembers what every write since the last synchronise has overwritten; when the power goes,
/// it puts some of that back, in pieces of 512 bytes.
final class FaultyDisk: Disk, @unchecked Sendable {
  // Exception: unchecked, because the lock guards the plan, and calls come one at a time.
  enum Call: Hashable { case open, size, allocate, lock, read, write, synchronise }

  /// What is left of the writes that were not synchronised when the power goes.
  enum Remains: CaseIterable {
    /// None of them.
    case nothing
    /// All of them, also the one that is under way.
    case everything
    /// All but the end of the last one.
    case beginning
    /// Any pieces of any of them.
    case anything
  }

  private struct Fault {
    var after: Int
    var times: Int
    var error: StoreError
  }

  private struct Undo {
    var file: DiskFile
    var offset: UInt64
    var old: [UInt8]
  }

  private let inner = SystemDisk()
  private let guardian = Lock()
  private var faults: [Call: Fault] = [:]
  private var undo: [Undo] = []
  private var cut: (step: Int, remains: Remains, random: RandomSource)?
  private var whileReading: (@Sendable () -> Void)?
  private(set) var steps = 0
  private(set) var isOff = false

  /// From the call number `after` on, `times` of this kind fail with an `errno`.
  func fail(_ call: Call, after: Int = 0, times: Int = .max, code: Int32) {
    fail(call, after: after, times: times, StoreError(code: code, operation: "a fault"))
  }

  func fail(_ call: Call, after: Int = 0, times: Int = .max, _ error: StoreError) {
    guardian.withLock { faults[call] = Fault(after: after, times: times, error: error) }
  }

  /// Nothing fails any more.
  func heal() { guardian.withLock { faults = [:] } }

  /// The power goes inside the write or synchronise number `step` from now.
  func cutPower(atStep step: Int, leaving remains: Remains, seed: UInt64) {
    steps = 0
    cut = (step, remains, RandomSource(seed: seed))
  }

  /// Runs in the middle of the next read, once.
  func interruptRead(_ body: @escaping @Sendable () -> Void) {
    guardian.withLock { whileReading = body }
  }

  override func open(_ path: String, _ mode: DiskMode) throws(StoreError) -> DiskFile {
    try meet(.open)
    return try inner.open(path, mode)
  }

  override func size(_ file: DiskFile) throws(StoreError) -> UInt64 {
    try meet(.size)
    return try inner.size(file)
  }

  override func allocate(_ file: DiskFile, bytes: UInt64) throws(StoreError) {
    try meet(.allocate)
    try inner.allocate(file, bytes: bytes)
  }

  override func shorten(_ file: DiskFile, bytes: UInt64) throws(StoreError) {
    try inner.shorten(file, bytes: bytes)
  }

  override func lock(_ file: DiskFile) throws(StoreError) {
    try meet(.lock)
    try inner.lock(file)
  }

  override func read(
    _ file: DiskFile, at offset: UInt64, into bytes: UnsafeMutableRawBufferPointer
  ) throws(StoreError) {
    try meet(.read)
    let interrupt = guardian.withLock {
      defer { whileReading = nil }
      return whileReading
    }
    interrupt?()
    try inner.read(file, at: offset, into: bytes)
  }

  override func write(
    _ file: DiskFile, at offset: UInt64, _ bytes: UnsafeRawBufferPointer
  ) throws(StoreError) {
    try meet(.write)
    if cut != nil {
      let old = try contents(file, at: offset, count: bytes.count)
      undo.append(Undo(file: file, offset: offset, old: old))
    }
    try inner.write(file, at: offset, bytes)
    try step()
  }

  override func synchronise(_ file: DiskFile) throws(StoreError) {
    try meet(.synchronise)
    try step()
    try inner.synchronise(file)
    undo = []
  }

  override func close(_ file: DiskFile) { inner.close(file) }

  private func meet(_ call: Call) throws(StoreError) {
    if isOff { throw StoreError(code: EIO, operation: "a disk without power") }
    let error = guardian.withLock { () -> StoreError? in
      guard var fault = faults[call] else { return nil }
      defer { faults[call] = fault }
      if fault.after > 0 {
        fault.after -= 1
        return nil
      }
      guard fault.times > 0 else { return nil }
      fault.times -= 1
      return fault.error
    }
    if let error { throw error }
  }

  private func step() throws(StoreError) {
    defer { steps += 1 }
    guard let cut, steps == cut.step else { return }
    isOff = true
    try tear(cut.remains, cut.random)
    throw StoreError(code: EIO, operation: "the power went")
  }

  /// Puts back what the remains do not include, the youngest write first.
  private func tear(_ remains: Remains, _ seeded: RandomSource) throws(StoreError) {
    var random = seeded
    var kept: Set<UInt64> = []
    for (age, write) in undo.reversed().enumerated() {
      var now = try contents(write.file, at: write.offset, count: write.old.count)
      let pieces = write.old.count / 512
      let border = Int.random(in: 0...pieces, using: &random)
      for piece in 0..<pieces {
        let isKept =
          switch remains {
          case .nothing: false
          case .everything: true
          case .beginning: age > 0 || piece < border
          case .anything: Bool.random(using: &random)
          }
        let number = write.offset / 512 + UInt64(piece)
        if isKept { kept.insert(number) }
        guard !kept.contains(number) else { continue }
        now.replaceSubrange(
          piece * 512..<(piece + 1) * 512, with: write.old[piece * 512..<(piece + 1) * 512])
      }
      try withAligned(now.count) { memory throws(StoreError) in
        memory.copyBytes(from: now)
        try inner.write(write.file, at: write.offset, UnsafeRawBufferPointer(memory))
      }
    }
    for write in undo { try inner.synchronise(write.file) }
    undo = []
  }

  private func contents(
    _ file: DiskFile, at offset: UInt64, count: Int
  ) throws(StoreError) -> [UInt8] {
    try withAligned(count) { memory throws(StoreError) in
      try inner.read(file, at: offset, into: memory)
      return Array(memory)
    }
  }

  private func withAligned<Result>(
    _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(StoreError) -> Result
  ) throws(StoreError) -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    defer { memory.deallocate() }
    return try body(memory)
  }
}
