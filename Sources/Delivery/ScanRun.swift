internal import Store
internal import Synchronization

/// What is read from end to end when a node starts, while it serves: the index into the directory,
/// or the volumes into a new index.
final class ScanRun: Sendable {
  private let store: ObjectStore
  private let report: @Sendable (String) -> Void
  private let isStopping = Atomic<Bool>(false)

  init(_ store: ObjectStore, report: @escaping @Sendable (String) -> Void) {
    self.store = store
    self.report = report
  }

  func stop() { isStopping.store(true, ordering: .relaxed) }

  func run() {
    do throws(StoreError) {
      if store.needsRebuild {
        report("the index is lost or damaged: it is built anew from the volumes")
        if try store.rebuild({ _ in goesOn }) {
          report("the index is built: \(store.directory.count) objects")
        }
      } else {
        try store.fillDirectory { _ in goesOn }
      }
    } catch {
      report("the volumes cannot be scanned: \(error)")
    }
  }

  private var goesOn: Bool { !isStopping.load(ordering: .relaxed) }
}
