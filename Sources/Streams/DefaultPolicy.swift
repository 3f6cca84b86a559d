internal import Bytes

/// The rows of the default policy.
enum DefaultPolicy {
  /// The least time that a live playlist is kept: at most 5 requests a second reach the origin.
  private static let liveFloor = Milliseconds(200)
  /// VOD playlists, manifests and segments, once their list is known to be complete.
  private static let vod = Milliseconds(86_400_000)
  /// A segment that no known playlist names.
  private static let unnamedSegment = Milliseconds(600_000)
  /// Multivariant playlists, which change rarely but do.
  private static let multivariant = Milliseconds(5000)
  /// Multivariant playlists and live manifests when the origin fails.
  private static let manifestOnError = Milliseconds(60_000)
  /// The longest time that a live manifest is kept; also where it says nothing at all.
  private static let liveManifestMax = Milliseconds(2000)
  /// Init segments: revalidated each hour, because encoders reuse their names after a restart.
  private static let initSegment = Milliseconds(3_600_000)
  /// Keys under a token rule: collapsed for a herd, in memory only.
  private static let guardedKey = Milliseconds(10_000)

  private static let liveNotFound = Milliseconds(250)
  private static let initNotFound = Milliseconds(1000)
  private static let vodNotFound = Milliseconds(5000)

  static func success(_ basis: LifetimeBasis) -> DefaultLifetime {
    switch basis.kind {
    case .mediaPlaylist, .playlist:
      playlist(basis)
    case .multivariantPlaylist:
      DefaultLifetime(fresh: multivariant, staleOnError: manifestOnError, ceiling: multivariant)
    case .dashManifest:
      manifest(basis)
    case .segment, .text, .image:
      segment(basis)
    case .initSegment:
      DefaultLifetime(fresh: initSegment, staleOnError: initSegment)
    case .key:
      // Private by default; shared only where a token rule decides who may have it.
      basis.hasTokenRule ? DefaultLifetime(fresh: guardedKey, ceiling: guardedKey) : .none
    case .other:
      .none
    }
  }

  /// "Not found" of a live object is often "not yet there": it is forgotten at once.
  static func notFound(_ basis: LifetimeBasis) -> Milliseconds {
    switch basis.kind {
    case .segment, .text, .image:
      if isComplete(basis) { return vodNotFound }
      guard let duration = segmentDuration(basis) else { return liveNotFound }
      return min(Milliseconds(duration.count / 4), liveNotFound)
    case .playlist, .mediaPlaylist, .multivariantPlaylist, .dashManifest:
      return isComplete(basis) ? vodNotFound : liveNotFound
    case .initSegment, .key:
      return initNotFound
    case .other:
      return .zero
    }
  }

  /// 250 ms to 1 s: long enough to shield a failing origin, spread so that nodes ask in turn.
  static func serverError(jitter: UInt64) -> Milliseconds {
    Milliseconds(250 + Int64(jitter % 751))
  }

  private static func playlist(_ basis: LifetimeBasis) -> DefaultLifetime {
    guard let facts = basis.playlist else {
      // Not readable, so nothing is known: kept just long enough to protect the origin.
      return DefaultLifetime(fresh: liveFloor, ceiling: liveFloor)
    }
    if facts.isMultivariant {
      return DefaultLifetime(
        fresh: multivariant, staleOnError: manifestOnError, ceiling: multivariant)
    }
    if !facts.isLive { return DefaultLifetime(fresh: vod, staleOnError: vod) }
    if basis.isBlockingReload, facts.canBlockReload {
      // One state under one key (RFC 8216bis, B.1: six target durations).
      return DefaultLifetime(fresh: times(6, facts.targetDuration))
    }
    return livePlaylist(facts, sinceChange: basis.sinceChange, age: basis.age)
  }

  /// Fresh until the next change is due, between 200 ms and 0.5 TD over all tiers.
  ///
  /// Served on error until 1.5 TD after the last change, not longer.
  private static func livePlaylist(
    _ facts: PlaylistFacts, sinceChange: Milliseconds, age: Milliseconds
  ) -> DefaultLifetime {
    let unchanged = min(max(sinceChange, .zero), StreamsLimits.durationMax)
    let elsewhere = min(max(age, .zero), StreamsLimits.durationMax)
    let half = max(Milliseconds(facts.targetDuration.count / 2), liveFloor)
    let untilDue = Milliseconds(facts.changeInterval.count - unchanged.count)
    let shared = Milliseconds(min(untilDue, half).count - elsewhere.count)
    let fresh = max(shared, liveFloor)
    let limit = facts.targetDuration.count * 3 / 2
    let stale = limit - unchanged.count - fresh.count
    return DefaultLifetime(
      fresh: fresh, staleOnError: max(Milliseconds(stale), .zero), ceiling: half)
  }

  private static func manifest(_ basis: LifetimeBasis) -> DefaultLifetime {
    guard let facts = basis.manifest else {
      return DefaultLifetime(fresh: liveFloor, ceiling: liveFloor)
    }
    if !facts.isDynamic { return DefaultLifetime(fresh: vod, staleOnError: vod) }
    var fresh = liveManifestMax
    if let period = facts.minimumUpdatePeriod, period > .zero {
      fresh = min(fresh, Milliseconds(period.count / 2))
    } else if let duration = facts.segmentDuration {
      fresh = Milliseconds(duration.count / 2)
    }
    let ceiling = fresh
    if facts.isListed, let duration = facts.segmentDuration {
      // As a playlist: what is late is looked for at once, lest viewers see 1.5 durations of it.
      let unchanged = min(max(basis.sinceChange, .zero), StreamsLimits.durationMax)
      fresh = max(liveFloor, min(fresh, Milliseconds(duration.count - unchanged.count)))
    }
    return DefaultLifetime(fresh: fresh, staleOnError: manifestOnError, ceiling: ceiling)
  }

  /// A live segment outlives its window by three target durations; it never changes.
  private static func segment(_ basis: LifetimeBasis) -> DefaultLifetime {
    if isComplete(basis) { return DefaultLifetime(fresh: vod, staleOnError: vod) }
    var fresh = unnamedSegment
    if let facts = basis.playlist, facts.isLive {
      fresh = Milliseconds(facts.window.count + times(3, facts.targetDuration).count)
    } else if let depth = basis.manifest?.timeShiftBufferDepth,
      let duration = basis.manifest?.segmentDuration
    {
      fresh = Milliseconds(depth.count + times(3, duration).count)
    }
    return DefaultLifetime(fresh: fresh, staleOnError: fresh)
  }

  /// Whether the object belongs to a list that will not change any more.
  private static func isComplete(_ basis: LifetimeBasis) -> Bool {
    if let facts = basis.playlist, !facts.isMultivariant { return !facts.isLive }
    if let facts = basis.manifest { return !facts.isDynamic }
    return false
  }

  private static func segmentDuration(_ basis: LifetimeBasis) -> Milliseconds? {
    if let facts = basis.playlist, !facts.isMultivariant { return facts.targetDuration }
    return basis.manifest?.segmentDuration
  }

  private static func times(_ factor: Int64, _ length: Milliseconds) -> Milliseconds {
    Milliseconds(min(length, StreamsLimits.durationMax).count * factor)
  }
}
