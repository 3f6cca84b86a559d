internal import Bytes

/// Whether a volume's bytes are to be sent from memory alone, because `sendfile` waited for the
/// disk again and again.
final class CopyMode: @unchecked Sendable {
  // Exception: unchecked, because the lock guards all.
  private let lock = Lock()
  private var stalls: [Instant] = []
  private var end = Instant(nanoseconds: .min)

  /// Notes a stall.
  ///
  /// - Returns: whether copy mode begins with it.
  func noteStall(at now: Instant) -> Bool {
    lock.withLock {
      stalls.removeAll { now - $0 >= Milliseconds.seconds(1) }
      stalls.append(now)
      guard stalls.count >= DiskLimits.stallsForCopyMode else { return false }
      stalls.removeAll()
      let begins = end <= now
      end = now + DiskLimits.copyMode
      return begins
    }
  }

  func isOn(at now: Instant) -> Bool { lock.withLock { now < end } }
}

/// Variants that a volume is to forget and has not yet forgotten durably: they count as not there.
final class BarredVariants: @unchecked Sendable {
  // Exception: unchecked, because the lock guards all.
  private let lock = Lock()
  private var variants: [Hash128: Int] = [:]

  func contains(_ variant: Hash128) -> Bool {
    lock.withLock { !variants.isEmpty && variants[variant] != nil }
  }

  func insert(_ variant: Hash128) {
    lock.withLock {
      if variants.count < DiskLimits.barred || variants[variant] != nil {
        variants[variant, default: 0] += 1
      }
    }
  }

  /// One removal is done; another of the same variant may still be on its way.
  func remove(_ variant: Hash128) {
    lock.withLock {
      guard let count = variants[variant] else { return }
      variants[variant] = count > 1 ? count - 1 : nil
    }
  }
}
