internal import Bytes
internal import Loop
internal import Policy
internal import Telemetry

/// Waiting for an origin that has as many fetches as it may have (`max_fills`).
extension OriginPool {
  /// Lets `fetch` run, or puts it into the origin's queue.
  func enter(_ fetch: Fetch) {
    guard let order = fetch.order else { return }
    switch board.enter(waiter(fetch), order.urgency, at: fetch.place, now: loop.now) {
    case .runs:
      fetch.permit = .held
      attempt(fetch)
    case .waits:
      fetch.permit = .awaited
      telemetry.add(to: .originFetchesQueued)
      telemetry.add(to: .originFetchesWaiting)
      fetch.timer = loop.timers.set(loop.now + fetch.timeouts.firstByte, for: fetch.token)
    case .refused: refuse(fetch)
    }
  }

  /// Takes a permit that the node's board has given to a fetch of this worker.
  public func granted(_ grant: FetchGrant) {
    guard let fetch = find(grant.fetch), fetch.permit == .awaited else {
      // It was cancelled meanwhile.
      return board.ended(at: grant.place)
    }
    loop.timers.cancel(fetch.timer)
    fetch.timer = .none
    telemetry.subtract(from: .originFetchesWaiting)
    fetch.permit = .held
    attempt(fetch)
  }

  /// `fetch` has waited for its permit as long as it would have waited for an answer.
  func waitedTooLong(_ fetch: Fetch) {
    guard leaveQueue(fetch) else { return }
    refuse(fetch)
  }

  /// Gives the permit of `fetch` back, or its place in the queue.
  func returnPermit(_ fetch: Fetch) {
    switch fetch.permit {
    case .none: return
    case .held:
      fetch.permit = .none
      board.ended(at: fetch.place)
    case .awaited:
      // A permit that is on its way already finds nobody and is given back then.
      if !leaveQueue(fetch) { telemetry.subtract(from: .originFetchesWaiting) }
      fetch.permit = .none
    }
  }

  /// Takes `fetch` out of the queue; false where its permit is on the way.
  private func leaveQueue(_ fetch: Fetch) -> Bool {
    guard let order = fetch.order, board.leave(waiter(fetch), order.urgency, at: fetch.place)
    else { return false }
    fetch.permit = .none
    telemetry.subtract(from: .originFetchesWaiting)
    return true
  }

  private func refuse(_ fetch: Fetch) {
    telemetry.add(to: .originFetchesRefused)
    conclude(fetch, FetchFailure(kind: .originBusy, server: -1, headGiven: false))
  }

  private func waiter(_ fetch: Fetch) -> FetchQueue.Waiter {
    FetchQueue.Waiter(worker: loop.index, fetch: fetch.id)
  }
}
