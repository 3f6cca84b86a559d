internal import Bytes
internal import Cache
internal import Streams

/// The Fills of a node that wait for a state of a playlist: whichever of them the origin answers
/// first may have what the others wait for.
final class WaitingReloads: @unchecked Sendable {
  // Exception: unchecked, because the lock guards everything.
  private let lock = Lock()
  /// As many as there are such Fills, which the origin's limits bound.
  private var waiting: [ObjectIdentifier: Entry] = [:]

  private struct Entry {
    var object: CachedObject
    var rendition: Hash128
    var reload: BlockingReload
  }

  /// A Fill waits.
  func add(_ object: CachedObject, for reload: BlockingReload, of rendition: Hash128) {
    lock.withLock {
      waiting[ObjectIdentifier(object)] = Entry(
        object: object, rendition: rendition, reload: reload)
    }
  }

  /// It waits no longer.
  func remove(_ object: CachedObject) {
    lock.withLock { waiting[ObjectIdentifier(object)] = nil }
  }

  /// The objects of those that `playlist` answers.
  func answered(by playlist: PlaylistText, of rendition: Hash128) -> [CachedObject] {
    lock.withLock {
      waiting.values.filter { $0.rendition == rendition && $0.reload.isAnswered(by: playlist) }
        .map(\.object)
    }
  }
}
