/// A permit on its way to a fetch that waited for its origin.
public struct FetchGrant: Sendable {
  /// The fetch, in the pool of the worker that is told.
  let fetch: FetchID
  /// The origin's place on the node's board.
  let place: Int
}

/// Told when a fetch that waited may run: the worker's pool is to hear of it, by `granted`.
open class GrantNotifier: @unchecked Sendable {
  // Exception: unchecked because subclasses post to mailboxes; this base has no state.

  /// Makes a notifier.
  public init() {}

  /// This worker's pool is to take the permit.
  ///
  /// Any thread, no lock held.
  open func granted(_ grant: FetchGrant, to worker: Int) {}
}
