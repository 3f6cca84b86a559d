internal import Synchronization

/// What a volume has done and suffered since start; any thread may read it at any time.
public final class VolumeCounters: Sendable {
  /// A thing that is counted.
  public enum Name: Int, CaseIterable, Sendable {
    /// Bytes written, padding, tables and zone headers included.
    case bytesWritten
    /// Fragments written, carried ones included.
    case fragmentsWritten
    /// Zones opened for writing.
    case zonesOpened
    /// Zones emptied.
    case zonesReclaimed
    /// Fragments and bytes carried over from a zone that was emptied.
    case fragmentsCarried, bytesCarried
    /// Fragments whose object was dropped with its zone.
    case fragmentsDropped
    /// Fragments that were hot but beyond the share that is carried.
    case fragmentsBeyondShare
    /// Fragments whose bytes are not those that were written.
    case checksumErrors
    /// Calls on the volume that failed.
    case readErrors, writeErrors
    /// Changes of the index that failed.
    case indexErrors
    /// Commits, and the time they took in all and at most, in microseconds.
    case commits, commitMicroseconds, commitMicrosecondsMax
    /// Writes, and the time they took in all and at most, in microseconds.
    case writes, writeMicroseconds, writeMicrosecondsMax
    /// Fragments and bytes read for viewers.
    case fragmentsRead, bytesRead
  }

  private let cells: [Cell] = Name.allCases.map { _ in Cell() }

  init() {}

  /// The value of one of them.
  public subscript(name: Name) -> UInt64 { cells[name.rawValue].value.load(ordering: .relaxed) }

  func add(_ amount: UInt64 = 1, to name: Name) {
    cells[name.rawValue].value.wrappingAdd(amount, ordering: .relaxed)
  }

  func raise(_ name: Name, to amount: UInt64) {
    cells[name.rawValue].value.max(amount, ordering: .relaxed)
  }

  private final class Cell: Sendable {
    let value = Atomic<UInt64>(0)
  }
}
