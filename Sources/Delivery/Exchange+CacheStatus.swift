internal import Bytes
internal import Cache
internal import Policy
internal import Telemetry

// What this node did for a request, in the words of RFC 9211.
extension Exchange {
  /// The member for an answer made of `object`.
  func cacheStatus(of object: CachedObject, now: Instant) -> CacheStatus {
    guard isForwarded else {
      var status = CacheStatus(.hit)
      status.left = object.freshnessLeft(at: now)
      if cache == .stale { status.detail = Exchange.staleness(of: object, now: now) }
      return status
    }
    var status = CacheStatus(.forward(forward))
    status.isCollapsed = isCollapsed
    status.detail = forwardDetail
    if cache == .stale {
      // The origin was asked and failed: what it answered, if anything, is not what is served.
      status.forwardStatus = forwardStatus
      status.left = object.freshnessLeft(at: now)
      status.detail = .staleIfError
      return status
    }
    status.forwardStatus = forwardStatus == 0 ? object.originStatus : forwardStatus
    status.isStored = !object.isPrivate && object.body.isKept
    if status.isStored { status.left = object.freshnessLeft(at: now) }
    return status
  }

  /// The member for an error of the node's own; `nil` where the cache had nothing to do with it.
  var refusalStatus: CacheStatus? {
    // The node knew without asking: the word says why.
    if detail == .notYet { return CacheStatus(.none) }
    if isForwarded {
      var status = CacheStatus(.forward(forward))
      status.isCollapsed = isCollapsed
      return status
    }
    guard terms.onlyIfCached, cache == .error else { return nil }
    var status = CacheStatus(.none)
    status.detail = .onlyIfCached
    return status
  }

  /// Why a stale object is served without a question.
  private static func staleness(of object: CachedObject, now: Instant) -> CacheStatus.Detail {
    switch object.state(at: now) {
    case .fresh: .none
    case .staleWhileRevalidate: .staleWhileRevalidate
    case .staleIfError, .stale: .staleIfError
    }
  }
}
