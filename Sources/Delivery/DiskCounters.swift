internal import Synchronization

/// What the disk tier has done beside what its volumes count; any thread.
public final class DiskCounters: Sendable {
  /// A thing that is counted.
  public enum Name: Int, CaseIterable, Sendable {
    /// Objects that were not written because too much waited, or a volume failed.
    case writesShed
    /// Fills that a volume could not follow to their end.
    case streamsLapped
    /// Objects that a volume holds under another key of the same hash.
    case collisions
    /// Objects that were dropped because their bytes were not those that were written.
    case damaged
    /// Questions that a volume failed to answer.
    case readFailures
    /// Writes or commits that failed.
    case writeFailures
    /// Calls of `sendfile` that were held up by a disk.
    case stalls
    /// Times that a volume went into copy mode.
    case copyModes
    /// Bytes of bodies that wait to be written now.
    case bytesWaiting
    /// Fills that are written down while they pass now.
    case streams
  }

  private let cells: [Cell] = Name.allCases.map { _ in Cell() }

  init() {}

  /// The value of one of them.
  public subscript(name: Name) -> UInt64 {
    UInt64(max(0, cells[name.rawValue].value.load(ordering: .relaxed)))
  }

  func add(_ amount: Int = 1, to name: Name) {
    cells[name.rawValue].value.wrappingAdd(amount, ordering: .relaxed)
  }

  /// Takes part of what may wait to be written; `false` when too much waits already.
  func reserve(_ bytes: Int) -> Bool {
    let cell = cells[Name.bytesWaiting.rawValue]
    let before = cell.value.wrappingAdd(bytes, ordering: .relaxed).oldValue
    if before + bytes <= DiskLimits.writeBytesWaiting || before == 0 { return true }
    cell.value.wrappingSubtract(bytes, ordering: .relaxed)
    return false
  }

  func release(_ bytes: Int) { add(-bytes, to: .bytesWaiting) }

  /// Takes one of the places for Fills that are written while they pass.
  func beginStream() -> Bool {
    let cell = cells[Name.streams.rawValue]
    if cell.value.wrappingAdd(1, ordering: .relaxed).oldValue < DiskLimits.streams { return true }
    cell.value.wrappingSubtract(1, ordering: .relaxed)
    return false
  }

  func endStream() { add(-1, to: .streams) }

  private final class Cell: Sendable {
    let value = Atomic<Int>(0)
  }
}
