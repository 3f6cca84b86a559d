internal import Bytes
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

/// Hedging: a second server is asked when the first is late, and the first whole head wins.
///
/// The hedge is a `Fetch` of its own, with its connection, its machine and its permit. Until it has
/// a head its client hears nothing of it. When it wins, or the first fails, the two exchange their
/// names: the client's `FetchID` is the hedge's from then on, and the other one ends unseen.
extension OriginPool {
  /// Sets the time at which the answer to `fetch` is late, where it may be hedged.
  func armHedge(_ fetch: Fetch) {
    guard let order = fetch.order, order.mayHedge, order.mayBeRisked, order.mayGoElsewhere,
      order.request.method == .get, fetch.main == nil, fetch.plan.attempts == 1,
      order.snapshot.origins[order.originIndex].hedge,
      let delay = board.hedgeDelay(at: fetch.place)
    else { return }
    fetch.timer = loop.timers.set(loop.now + delay, for: fetch.token)
  }

  /// The answer to `fetch` is late: a sound server is asked as well, if there is one.
  func hedge(_ fetch: Fetch) {
    guard let order = fetch.order, let client = fetch.client, fetch.server >= 0,
      !fetch.machine.hasHead, fetch.plan.attempts == 1,
      let server = servers.chooseSound(
        for: order, tried: fetch.plan.tried.union(ServerSet(only: fetch.server)), at: loop.now)
    else { return }
    guard board.takeHedge(at: fetch.place, now: loop.now) else {
      servers.left(servers.index(order.snapshot, order.originIndex, server: server))
      return telemetry.add(to: .originHedgesRefused)
    }
    telemetry.add(to: .originHedgesStarted)
    let hedge = takeFetch()
    hedge.begin(order, for: client, place: fetch.place)
    hedge.plan = RetryPlan(mayRepeat: true, mayGoElsewhere: false)
    hedge.permit = .held
    hedge.server = server
    hedge.main = fetch
    fetch.hedge = hedge
    attempt(hedge)
  }

  /// A hedge has a head before the fetch that it hedges: it is that fetch from now on.
  ///
  /// False where its head is an error, which says nothing of what the first server would say: then
  /// the hedge is over.
  func wins(_ hedge: Fetch, status: UInt16) -> Bool {
    guard let main = hedge.main else { return true }
    guard status < 400 else {
      if hedge.isErrorAnswer { note(.errorAnswer, of: hedge, reason: .errorAnswers) }
      main.plan.gaveUp(hedge.server)
      hedge.isCancelled = true
      return false
    }
    telemetry.add(to: .originHedgesWon)
    // Quick answers alone would make everything seem quick.
    noteFirstByte(of: main)
    exchangeNames(main, hedge)
    abandon(main)
    return true
  }

  /// `main` failed: its hedge goes on in its place.
  func promote(_ hedge: Fetch, inPlaceOf main: Fetch) {
    hedge.plan = main.plan
    hedge.plan.began()
    exchangeNames(main, hedge)
    release(main)
  }

  /// A hedge failed: the fetch that it hedges goes on alone.
  func hedgeFailed(_ hedge: Fetch) {
    hedge.main?.plan.gaveUp(hedge.server)
    release(hedge)
  }

  /// One of two that belong together ends or has its head: a hedge that it has ends as well.
  func unpair(_ fetch: Fetch) {
    if let main = fetch.main { main.hedge = nil }
    fetch.main = nil
    guard let hedge = fetch.hedge else { return }
    fetch.hedge = nil
    hedge.main = nil
    abandon(hedge)
  }

  /// The client's name for `main` is that of `hedge` from now on; they belong together no more.
  private func exchangeNames(_ main: Fetch, _ hedge: Fetch) {
    main.hedge = nil
    hedge.main = nil
    fetches.swapAt(Int(main.slot), Int(hedge.slot))
    main.exchangeName(with: hedge)
  }
}
