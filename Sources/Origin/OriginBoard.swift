internal import Bytes
internal import Policy

/// What all workers of a node know of its origins: how much each is asked, and who waits for it.
///
/// Any thread may call any method. Workers do when a fetch begins and ends, never for a hit.
public final class OriginBoard: @unchecked Sendable {
  // Exception: unchecked, because `origins` is guarded by `lock`.
  private struct Origin {
    let name: String
    var queue: FetchQueue
    var retries = RetryBudget()
    var hedges = HedgeAllowance()
    var firstBytes = FirstByteTimes()
  }

  private let lock = Lock()
  private let notifier: GrantNotifier
  private var origins: [Origin] = []

  /// Knows of nobody; `notifier` is told when a fetch that waited may run.
  public init(notifier: GrantNotifier = GrantNotifier()) { self.notifier = notifier }

  /// The place of an origin, which becomes known if it was not.
  func place(of settings: OriginSettings) -> Int {
    lock.withLock {
      if let known = origins.firstIndex(where: { $0.name == settings.name }) {
        origins[known].queue.limit = settings.fillsMax
        return known
      }
      origins.append(
        Origin(name: settings.name, queue: FetchQueue(limit: settings.fillsMax)))
      return origins.count - 1
    }
  }

  /// A fetch begins: it runs, or waits until the notifier tells of it, or is refused.
  func enter(
    _ waiter: FetchQueue.Waiter, _ urgency: FetchUrgency, at place: Int, now: Instant
  ) -> FetchQueue.Entry {
    lock.withLock {
      origins[place].retries.began(at: now)
      origins[place].hedges.began()
      return origins[place].queue.enter(waiter, urgency)
    }
  }

  /// A fetch no longer wants to wait; false where its permit is on the way already.
  func leave(_ waiter: FetchQueue.Waiter, _ urgency: FetchUrgency, at place: Int) -> Bool {
    lock.withLock { origins[place].queue.leave(waiter, urgency) }
  }

  /// A fetch that ran has ended: the next one may run.
  func ended(at place: Int) {
    guard let next = lock.withLock({ origins[place].queue.ended() }) else { return }
    notifier.granted(FetchGrant(fetch: next.fetch, place: place), to: next.worker)
  }

  /// How many fetches of an origin run.
  func running(of place: Int) -> Int { lock.withLock { origins[place].queue.running } }

  /// Takes one retry of an origin's budget; false where none is left.
  func takeRetry(at place: Int, now: Instant) -> Bool {
    lock.withLock { origins[place].retries.take(at: now) }
  }

  /// An origin took so long for the first byte of an answer, in microseconds.
  func noteFirstByte(_ microseconds: Int, at place: Int) {
    lock.withLock { origins[place].firstBytes.add(microseconds) }
  }

  /// After which time without a head a second server may be asked; `nil` while too little is known.
  func hedgeDelay(at place: Int) -> Milliseconds? {
    lock.withLock { origins[place].firstBytes.late }
  }

  /// Takes what a hedge needs: a part of the fetches, a retry, and a permit that nobody waits for;
  /// nothing where one of them is missing.
  func takeHedge(at place: Int, now: Instant) -> Bool {
    lock.withLock {
      guard origins[place].hedges.isLeft, origins[place].queue.hasSpare,
        origins[place].retries.take(at: now)
      else { return false }
      origins[place].hedges.take()
      return origins[place].queue.takeSpare()
    }
  }
}
