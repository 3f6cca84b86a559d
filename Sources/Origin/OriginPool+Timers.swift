internal import Bytes
internal import Loop
internal import Policy
internal import Telemetry

/// Deadlines of connections and exchanges, and what is counted.
extension OriginPool {
  /// Until when something must happen on `connection`; `nil` when others are to be waited for.
  func deadline(of connection: OriginConnection) -> Instant? {
    switch connection.phase {
    case .closed: return nil
    case .idle: return connection.since + OriginLimits.idleTime
    case .connecting:
      guard let fetch = connection.fetch else { return nil }
      return connection.since + fetch.timeouts.connect
    case .exchanging:
      guard let fetch = connection.fetch else { return nil }
      return exchangeDeadline(of: fetch)
    }
  }

  private func exchangeDeadline(of fetch: Fetch) -> Instant? {
    // The viewer's silence is not the origin's: Delivery's own clock watches the viewer.
    if fetch.isUploadWaiting, !fetch.wantsToWrite, !fetch.isWriteBroken { return nil }
    guard fetch.machine.hasHead else { return fetch.lastProgress + fetch.timeouts.firstByte }
    guard !fetch.isPaused else { return nil }
    // Design, streams: twice the packager's own rhythm, where that is longer.
    let rhythm = Milliseconds(fetch.longestGap.count * 2)
    return fetch.lastProgress + max(fetch.timeouts.stall, rhythm)
  }

  /// The fetch's own timer has expired.
  func fetchTimerExpired(_ fetch: Fetch) {
    fetch.timer = .none
    if fetch.permit == .awaited { waitedTooLong(fetch) } else { hedge(fetch) }
  }

  /// Sets the timer of `connection` to its deadline, if it has one.
  ///
  /// Without one, a timer that is still set finds nothing to do when it goes off.
  func armTimer(_ connection: OriginConnection) {
    guard let deadline = deadline(of: connection) else { return }
    if !loop.timers.move(connection.timer, to: deadline) {
      connection.timer = loop.timers.set(deadline, for: connection.token)
    }
  }

  /// Counts a failed attempt by its kind.
  func count(_ kind: FetchFailure.Kind) {
    switch kind {
    case .unresolved: telemetry.add(to: .originNameUnresolved)
    case .refused: telemetry.add(to: .originConnectRefused)
    case .connectTimedOut: telemetry.add(to: .originConnectTimeout)
    case .firstByteTimedOut: telemetry.add(to: .originFirstByteTimeout)
    case .stalled: telemetry.add(to: .originStall)
    case .reset: telemetry.add(to: .originReset)
    case .truncated: telemetry.add(to: .originTruncated)
    case .badHead, .headTooLarge: telemetry.add(to: .originBadHead)
    case .badChunk: telemetry.add(to: .originBadChunk)
    case .uploadBroken, .overLimit, .originBusy: break
    }
  }

  /// Counts an answer by the class of its status.
  func countAnswer(_ status: UInt16) {
    switch status {
    case ..<200: telemetry.add(to: .originResponses1xx)
    case ..<300: telemetry.add(to: .originResponses2xx)
    case ..<400: telemetry.add(to: .originResponses3xx)
    case ..<500: telemetry.add(to: .originResponses4xx)
    default: telemetry.add(to: .originResponses5xx)
    }
  }
}
