internal import Bytes
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// Finds site and rule, and what the cache may do for the request.
  ///
  /// Who may watch is decided here too, once there are rules for it.
  /// Next: `lookUp`, `pass`, or `record` after a refusal.
  func judge(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    let kept = exchange.savedHead
    let bytes = kept.span
    guard let site = findSite(bytes.slice(head.target.host)) else {
      telemetry.add(to: .requestUnknownHost)
      exchange.detail = .unknownHost
      return refuseUnread(exchange, viewer, status: 421, "No site of this node has that host.")
    }
    exchange.site = site
    exchange.rule = snapshot.rule(site: site, path: bytes.slice(head.target.path))
    switch RequestPlan.make(head, bytes: bytes, rule: exchange.rule, snapshot: snapshot) {
    case .lookUp(let terms):
      exchange.terms = terms
      return .lookUp
    case .pass(let reason, let invalidates):
      if head.method == .get || head.method == .head, head.fields.has(.cacheControl),
        head.fields.lists(.cacheControl, "only-if-cached", in: bytes)
      {
        exchange.terms.onlyIfCached = true
        return refuse504(exchange, viewer)
      }
      exchange.cache = reason == .bypass ? .bypass : .pass
      exchange.forward = CacheStatus.Forward(reason)
      exchange.invalidates = invalidates
      return .pass
    case .refuse(let status):
      if status == 508 { telemetry.add(to: .requestLoop) }
      exchange.detail = status == 508 ? .loop : .methodRefused
      return refuseUnread(
        exchange, viewer, status: status,
        status == 508 ? "The request has passed this node before." : "The method is not allowed.")
    }
  }

  /// The site of a host; a worker's viewers mostly ask the host that the last one asked.
  ///
  /// With the site the key's beginning is remembered: `key` holds it up to `targetStart`.
  func findSite(_ host: Span<UInt8>) -> Int? {
    if isLastHost(host) { return lastSite }
    guard let site = snapshot.site(forHost: host) else { return nil }
    unsafe host.withUnsafeBytes { unsafe lastHost.keep($0) }
    lastSite = site
    targetStart = CacheKey.begin(snapshot: snapshot, site: site, host: host, in: &key)
    return site
  }

  func isLastHost(_ host: Span<UInt8>) -> Bool {
    let last = lastHost
    return lastSite >= 0 && last.span.equals(host)
  }

  /// Refuses a request whose body, if it has one, will not be read.
  func refuseUnread(
    _ exchange: Exchange, _ viewer: ViewerConnection, status: UInt16, _ reason: StaticString
  ) -> Step {
    if exchange.requestBody != .none {
      viewer.closesAfterResponse = true
      viewer.isLingering = true
    }
    return refuse(exchange, viewer, status: status, reason)
  }
}
