internal import Bytes
internal import Store

/// How far what is read from end to end beside a starting node has come.
public struct ScanProgress: Equatable, Sendable {
  /// What is being read.
  public enum Kind: Equatable, Sendable {
    /// Nothing: all is known.
    case none
    /// The index, into the directory in memory.
    case directory
    /// The volumes, into a new index.
    case rebuild
  }

  /// What is being read.
  public var kind = Kind.none
  /// Zones that were read, and how many there are; of a rebuild.
  public var zones = 0, zonesTotal = 0
  /// Fragments that were found; of a rebuild.
  public var fragments: UInt64 = 0
  /// Objects that are listed so far.
  public var objects: UInt64 = 0

  /// Nothing is being read.
  public init() {}
}

/// What is read from end to end when a node starts, while it serves: the index into the directory,
/// or the volumes into a new index.
final class ScanRun: @unchecked Sendable {
  // Exception: unchecked, because the lock guards all that changes.
  private let store: ObjectStore
  private let report: @Sendable (String) -> Void
  private let lock = Lock()
  private var isStopping = false
  private var known = ScanProgress()

  init(_ store: ObjectStore, report: @escaping @Sendable (String) -> Void) {
    self.store = store
    self.report = report
    known.kind = store.needsRebuild ? .rebuild : .directory
  }

  /// How far it has come.
  var progress: ScanProgress { lock.withLock { known } }

  func stop() { lock.withLock { isStopping = true } }

  func run() {
    do throws(StoreError) {
      if store.needsRebuild {
        report("the index is lost or damaged: it is built anew from the volumes")
        if try store.rebuild({ note($0) }) {
          report("the index is built: \(store.directory.count) objects")
        }
      } else {
        try store.fillDirectory { note(objects: $0) }
      }
    } catch {
      report("the volumes cannot be scanned: \(error)")
    }
    lock.withLock { known = ScanProgress() }
  }

  /// Notes a step; the answer says whether to go on.
  private func note(_ rebuild: RebuildProgress) -> Bool {
    lock.withLock {
      known.zones = rebuild.zones
      known.zonesTotal = rebuild.zonesTotal
      known.fragments = rebuild.fragments
      known.objects = rebuild.objects
      return !isStopping
    }
  }

  private func note(objects: UInt64) -> Bool {
    lock.withLock {
      known.objects = objects
      return !isStopping
    }
  }
}
