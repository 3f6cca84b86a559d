internal import Bytes

/// Removals that happen while the index is built anew: what the scan finds must not undo them.
final class RemovalLog: @unchecked Sendable {
  // Exception: unchecked, because the lock guards the rest.
  private let lock = Lock()
  private var isOpen = false
  private var entries: [(hash: Hash128, serial: UInt64)] = []

  /// Notes removals from now on.
  func open() {
    lock.withLock {
      isOpen = true
      entries = []
    }
  }

  func close() {
    lock.withLock {
      isOpen = false
      entries = []
    }
  }

  /// Notes a removal; before the index hears of it.
  func note(_ hash: Hash128, serial: UInt64) {
    lock.withLock {
      guard isOpen, entries.count < StoreLimits.rebuildRemovals else { return }
      entries.append((hash, serial))
    }
  }

  /// The removals from number `start` on, as changes.
  func changes(from start: Int) -> [IndexChange] {
    lock.withLock {
      entries.dropFirst(start).map { .removeObject(hash: $0.hash, serialAtMost: $0.serial) }
    }
  }
}
