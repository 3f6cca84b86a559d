internal import Bytes
internal import Glibc
internal import Loop

/// Small records that outlive the process: a file in memory, in which each name has a slot.
///
/// A store into a shared map needs no system call, so that a record is down before what it says is
/// sent, on the thread that sends it. Each slot has two halves that are written in turn: one that a
/// crash tore fails its checksum, and the older one is taken. A power cut may lose the last half
/// minute.
@safe final class SlotFile {
  /// Checksum, turn and length in front of a record.
  static let front = 16

  private let half: Int
  private let slots: Int
  private let memory: UnsafeMutableRawBufferPointer
  private var slot: [Hash128: (index: Int, turn: UInt32)] = [:]
  private var next = 0

  /// Opens or makes the file.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - half: Bytes of half a slot, with what stands in front of a record.
  ///   - slots: How many there are.
  /// - Throws: `SystemError` where the file cannot be made or mapped.
  init(path: String, half: Int, slots: Int) throws(SystemError) {
    self.half = half
    self.slots = slots
    let bytes = slots * 2 * half
    let file = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw SystemError(code: errno, call: "open") }
    defer { close(file) }
    guard ftruncate(file, off_t(bytes)) == 0, posix_fallocate(file, 0, off_t(bytes)) == 0
    else { throw SystemError(code: errno, call: "posix_fallocate") }
    let map = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let map = unsafe map, unsafe map != MAP_FAILED else {
      throw SystemError(code: errno, call: "mmap")
    }
    unsafe memory = UnsafeMutableRawBufferPointer(start: map, count: bytes)
  }

  deinit { unsafe munmap(memory.baseAddress, memory.count) }

  /// The newest record of each slot; call it once, first.
  ///
  /// - Parameter read: Makes something of a record and tells its name; `nil` for what is none.
  /// - Returns: In the order of the slots.
  func records<Record>(_ read: (Span<UInt8>) -> (name: Hash128, record: Record)?) -> [Record] {
    var found: [Record] = []
    for index in 0..<slots {
      let halves = [0, 1].compactMap { number in
        bytes(ofHalf: index * 2 + number).flatMap { bytes, turn in
          read(bytes.span).map { (turn, $0.name, $0.record) }
        }
      }
      guard let (turn, name, record) = halves.max(by: { $0.0 < $1.0 }) else { continue }
      slot[name] = (index, turn)
      found.append(record)
      next = max(next, index + 1)
    }
    return found
  }

  /// Writes a record in the place of the one of the same name; one that is too long is left out.
  func write(_ bytes: [UInt8], named name: Hash128) {
    guard bytes.count <= half - Self.front else { return }
    if slot[name] == nil {
      // The oldest slots are taken first once all are used.
      let index = next % slots
      next += 1
      slot = slot.filter { $0.value.index != index }
      slot[name] = (index, 0)
    }
    guard case (let index, var turn)? = slot[name] else { return }
    turn &+= 1
    slot[name] = (index, turn)
    var block = [UInt8](repeating: 0, count: Self.front - 8)
    for shift in 0..<4 { block[shift] = UInt8(truncatingIfNeeded: turn >> UInt32(shift * 8)) }
    for shift in 0..<4 { block[4 + shift] = UInt8(truncatingIfNeeded: bytes.count >> (shift * 8)) }
    block += bytes
    let sum = Hash128(of: block.span).low
    let start = (index * 2 + Int(turn & 1)) * half
    unsafe memory.storeBytes(of: 0, toByteOffset: start, as: UInt64.self)
    unsafe block.withUnsafeBytes { source in
      unsafe UnsafeMutableRawBufferPointer(rebasing: memory[(start + 8)..<(start + half)])
        .copyMemory(from: source)
    }
    unsafe memory.storeBytes(of: sum, toByteOffset: start, as: UInt64.self)
  }

  private func bytes(ofHalf number: Int) -> (bytes: [UInt8], turn: UInt32)? {
    let start = number * half
    let front = unsafe Array(memory[(start + 8)..<(start + Self.front)])
    let count = front[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard count > 0, count <= half - Self.front else { return nil }
    let used = unsafe Array(memory[(start + 8)..<(start + Self.front + count)])
    let sum = unsafe memory.loadUnaligned(fromByteOffset: start, as: UInt64.self)
    guard Hash128(of: used.span).low == sum else { return nil }
    let turn = front[..<4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    return (Array(used[8...]), turn)
  }
}
