internal import Bytes
package import Streams

/// One answer and all that matters for keeping it.
package struct SimpleQuestion: Sendable {
  package var method = "GET"
  package var hasAuthorization = false
  package var status = 200
  package var lines: [SimpleLine] = []
  package var kind = ObjectKind.other
  package var rule = SimpleRule()
  /// Milliseconds since 1970 when the head arrived.
  package var now = 0
  /// Milliseconds from the request to the head.
  package var delay = 0
  package var jitter: UInt64 = 0

  package init() {}
}

/// What an operator's rule changes; times are in milliseconds.
package struct SimpleRule: Sendable, Hashable {
  package var ttl: Int?
  package var errorTTL: Int?
  package var stale: Int?
  package var bypass = false
  package var session = false
  package var live = false
  package var heuristic = true
  package var ignores: Set<String> = []

  package init() {}
}

/// What is to be done with it.
package enum SimpleAnswer: Sendable {
  /// All reasons that forbid keeping it: one is enough.
  case notStored(Set<SimpleReason>)
  case stored(SimpleTerms)
}

package enum SimpleReason: Sendable {
  case method, rule, noStore, isPrivate, setCookie, authorization, vary, status, mustUnderstand
  case notPermitted, useless
}

/// How long a stored answer lives, in milliseconds, and what it is good for.
package struct SimpleTerms: Sendable {
  package var lifetime = 0
  package var source = "none"
  package var initialAge = 0
  package var staleWhileRevalidate = 0
  package var staleIfError = 0
  package var asksAlways = false
  package var neverStale = false
  package var isShared = false
  /// Its lifetime is settled when the body has been read.
  package var awaitsBody = false
  /// How long it may be served stale is settled when the body has been read.
  package var staleAwaitsBody = false
  /// Names of the fields that are stored.
  package var stored: Set<String> = []

  /// RFC 9111 section 4.2, and 5861: what it is good for so long after its arrival.
  package func state(after elapsed: Int) -> SimpleState {
    if asksAlways { return .mustAsk }
    let age = initialAge + elapsed
    if lifetime > age { return .fresh }
    if neverStale { return .mustAsk }
    if age - lifetime < staleWhileRevalidate { return .staleWhileRevalidate }
    if age - lifetime < staleIfError { return .staleIfError }
    return .mustAsk
  }
}

package enum SimpleState: Sendable { case fresh, staleWhileRevalidate, staleIfError, mustAsk }

/// The caching decision, a second time: one function per question, in the order of RFC 9111.
package struct SimpleCache {
  let question: SimpleQuestion
  let directives: SimpleDirectives

  package static func answer(_ question: SimpleQuestion) -> SimpleAnswer {
    let cache = SimpleCache(question)
    let reasons = cache.prohibitions
    if !reasons.isEmpty { return .notStored(reasons) }
    return .stored(cache.terms)
  }

  private init(_ question: SimpleQuestion) {
    self.question = question
    // RFC 9213 section 2.2: the first one that is valid and not empty.
    for name in ["spillway-cache-control", "cdn-cache-control"] {
      let values = question.lines.filter { $0.name == name }.map(\.value)
      guard !values.isEmpty, let found = SimpleDirectives(targeted: values) else { continue }
      directives = found
      return
    }
    let values = question.lines.filter { $0.name == "cache-control" }.map(\.value)
    directives = SimpleDirectives(cacheControl: values)
  }

  // MARK: The fields

  func values(_ name: String) -> [String] {
    question.lines.filter { $0.name == name }.map(\.value)
  }

  func has(_ name: String) -> Bool { question.lines.contains { $0.name == name } }

  func elements(_ name: String) -> [String] {
    values(name).flatMap { SimpleText.elements(Array($0.utf8)) }.map {
      SimpleText.text($0).lowercased()
    }
  }

  /// A directive that the rule does not take as absent.
  func isTold(_ name: String) -> Bool {
    directives.flags.contains(name) && !question.rule.ignores.contains(name)
  }

  /// The field names that `private` or `no-cache` lists.
  func listed(_ directive: String) -> Set<String> {
    question.rule.ignores.contains(directive) ? [] : directives.listed[directive] ?? []
  }

  /// 5.2.2.4, 5.2.2.7: for whoever caused the answer, and for nobody else.
  ///
  /// A rule that ignores one of the two directives, where both have lists, ignores neither list.
  var withheld: Set<String> {
    if listed("private").isEmpty, listed("no-cache").isEmpty { return [] }
    return directives.listed.values.reduce(into: []) { $0.formUnion($1) }
  }

  func date(_ name: String) -> Int? {
    guard let value = values(name).first else { return nil }
    return SimpleDate.seconds(value, now: question.now / 1000)
  }

  var basis: LifetimeBasis {
    var basis = LifetimeBasis(kind: question.kind, status: UInt16(question.status))
    basis.jitter = question.jitter
    return basis
  }

  /// Its text settles how long it lives: playlists and manifests.
  var isList: Bool { question.kind.isPlaylist || question.kind == .dashManifest }
  var isError: Bool { question.status >= 400 }

  // MARK: May it be kept? Section 3

  var prohibitions: Set<SimpleReason> {
    var reasons: Set<SimpleReason> = []
    if question.method != "GET" { reasons.insert(.method) }
    let isMedia = [.segment, .initSegment, .key, .text, .image].contains(question.kind)
    if question.rule.bypass || question.rule.session && !isMedia { reasons.insert(.rule) }
    if [206, 304].contains(question.status) { reasons.insert(.status) }
    if forbidsStoring { reasons.insert(.noStore) }
    if isNotUnderstood { reasons.insert(.mustUnderstand) }
    if isTold("private") { reasons.insert(.isPrivate) }
    if setsCookie { reasons.insert(.setCookie) }
    if question.hasAuthorization, !isShared { reasons.insert(.authorization) }
    if variesByEverything { reasons.insert(.vary) }
    if !isPermitted { reasons.insert(.notPermitted) }
    if isUseless { reasons.insert(.useless) }
    return reasons
  }

  /// Statuses of which we know what a cache has to do: RFC 9110 section 15.
  private static let understood: Set = [
    200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 501, 400, 403, 500, 502,
    503, 504,
  ]

  /// 5.2.2.3: `must-understand` is about statuses that we do not know...
  var isNotUnderstood: Bool {
    directives.flags.contains("must-understand")
      && !SimpleCache.understood.contains(question.status)
  }

  /// 5.2.2.5; ...and beside it `no-store` is for caches that do not know `must-understand`.
  var forbidsStoring: Bool {
    guard isTold("no-store"), !isOverruled else { return false }
    return !directives.flags.contains("must-understand") || isNotUnderstood
  }

  /// The rule `live`: the default policy stands over `no-store` and `no-cache`.
  var isOverruled: Bool {
    question.status == 200 && question.rule.ttl == nil
      && DefaultLifetime.overrulesOrigin(
        liveRule: question.rule.live, basis: basis,
        isPrivate: isTold("private") || !listed("private").isEmpty, setsCookie: has("set-cookie"))
  }

  /// 7.3 would share it; a field that the origin says not to store takes care of itself.
  var setsCookie: Bool {
    has("set-cookie") && !question.rule.ignores.contains("set-cookie")
      && !withheld.contains("set-cookie")
  }

  /// 3.5: whether it may answer requests with Authorization that are not its own.
  var isShared: Bool {
    isTold("public") || isTold("must-revalidate") || directives.seconds["s-maxage"] != nil
  }

  /// 4.1: a `*` fails to match always, and so does what is no list of names.
  var variesByEverything: Bool {
    guard !question.rule.ignores.contains("vary") else { return false }
    return elements("vary").contains { !SimpleText.isToken(Array($0.utf8)) || $0 == "*" }
  }

  /// The last point of section 3: something says that it may be reused.
  var isPermitted: Bool {
    chosen.lifetime > 0 || chosen.source == "rule" || stated != nil || isTold("public")
      || isHeuristicStatus
  }

  /// Not worth its memory: never fresh, not to be validated, and no word about serving it stale.
  var isUseless: Bool {
    let terms = terms
    if terms.lifetime > 0, !terms.asksAlways { return false }
    if isError { return true }
    let isWantedStale =
      terms.staleWhileRevalidate > 0 || directives.seconds["stale-if-error"] != nil
    return !has("etag") && !has("last-modified") && !isWantedStale
  }

  // MARK: For how long is it fresh? Section 4.2.1

  /// RFC 9110 section 15.1; 206 is another matter.
  var isHeuristicStatus: Bool {
    [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501].contains(question.status)
  }

  var source: String { chosen.source }

  var chosen: (source: String, lifetime: Int) {
    let rule = question.rule
    if let ttl = isError ? rule.errorTTL : rule.ttl { return ("rule", ttl) }
    let fallback = DefaultLifetime(of: basis)
    let own = Int((isError ? fallback.negative : fallback.fresh).count)
    if isOverruled { return ("live", own) }
    if let stated {
      // An error of a stream is forgotten at once, whatever its origin says.
      let isBounded = isError && question.kind != .other && stated.lifetime >= own
      return isBounded ? ("kindDefault", own) : stated
    }
    if question.kind != .other { return ("kindDefault", own) }
    if let guess { return ("heuristic", guess) }
    return ("none", 0)
  }

  /// s-maxage before max-age before Expires.
  var stated: (source: String, lifetime: Int)? {
    if let shared = directives.seconds["s-maxage"] {
      return (directives.isTargeted ? "targeted" : "sMaxAge", shared * 1000)
    }
    if let age = directives.seconds["max-age"] {
      return (directives.isTargeted ? "targeted" : "maxAge", age * 1000)
    }
    guard !directives.isTargeted, has("expires") else { return nil }
    // 5.3: what is no date is past. 4.2.1: against Date, so that clocks may differ.
    guard let expires = date("expires") else { return ("expires", 0) }
    return ("expires", min(max(0, expires - made), SimpleDirectives.secondsMax) * 1000)
  }

  /// Its Date, or else the one that it is given on arrival: RFC 9110 section 6.6.1.
  var made: Int { date("date") ?? question.now / 1000 }

  /// 4.2.2: a tenth of the time since it changed, for a day at most.
  var guess: Int? {
    guard question.rule.heuristic, isHeuristicStatus || isTold("public") else { return nil }
    let saysPragma = elements("pragma").contains("no-cache")
    if saysPragma, !directives.isTargeted, !has("cache-control") { return nil }
    guard let modified = date("last-modified") else { return nil }
    guard made > modified else { return nil }
    return min((made - modified) * 100, 86_400_000)
  }

  // MARK: How old is it, and what if it is stale? Sections 4.2.3, 4.2.4, RFC 5861

  /// 5.1: the first member of all lines; what is no number is ignored.
  var initialAge: Int {
    let member = elements("age").first.map { Array($0.utf8) } ?? []
    let age = SimpleText.number(member, limit: SimpleDirectives.secondsMax) ?? 0
    return age * 1000 + question.delay
  }

  var terms: SimpleTerms {
    let rule = question.rule
    let (source, lifetime) = chosen
    var terms = SimpleTerms()
    terms.lifetime = lifetime
    terms.source = source
    terms.initialAge = initialAge
    terms.isShared = isShared
    let isRead = isList && question.status == 200
    terms.awaitsBody = isRead && ["kindDefault", "live"].contains(source)
    // A lifetime that the rule gives is one without asking; it says nothing about what is stale.
    terms.asksAlways = isTold("no-cache") && source != "rule" && source != "live"
    let stale = directives.seconds["stale-while-revalidate"]
    let error = directives.seconds["stale-if-error"]
    let obeysShared = directives.seconds["s-maxage"] != nil && stale == nil && error == nil
    terms.neverStale =
      (rule.stale == nil || isError) && !isOverruled
      && !rule.ignores.contains("must-revalidate")
      && (directives.flags.contains("must-revalidate")
        || directives.flags.contains("proxy-revalidate") || obeysShared)
    // Served while it is refreshed, a playlist would look frozen.
    let ruled = isError ? nil : rule.stale
    terms.staleWhileRevalidate = ruled.map { isList ? 0 : $0 } ?? (stale ?? 0) * 1000
    terms.staleIfError = ruled ?? error.map { $0 * 1000 } ?? usualStale(source)
    terms.staleAwaitsBody = isRead && !terms.awaitsBody && rule.stale == nil && error == nil
    terms.stored = stored
    return terms
  }

  /// What is served when the origin is dead though nobody said so: neither an error nor a list,
  /// which would stand still, nor a key, which is private until somebody says otherwise.
  func usualStale(_ source: String) -> Int {
    if isError { return 0 }
    if source == "kindDefault", isList || question.kind == .key {
      return Int(DefaultLifetime(of: basis).staleOnError.count)
    }
    return isList ? 0 : 86_400_000
  }

  // MARK: Which fields are kept? Section 3.1

  /// What belongs to one connection, or is written anew with each answer.
  private static let ownForms: Set = [
    "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade", "proxy-authenticate", "proxy-authentication-info", "proxy-authorization",
    "content-length", "content-range", "age", "via", "cache-status", "set-cookie",
    "spillway-cache-control",
  ]

  /// RFC 9110 section 7.6.1: what every recipient needs is no connection option, whoever says so.
  private static let neverOptions: Set = [
    "host", "content-type", "content-encoding", "date", "expires", "last-modified", "etag",
    "cache-control", "cdn-cache-control", "vary",
  ]

  var stored: Set<String> {
    var names = Set(question.lines.map(\.name)).subtracting(SimpleCache.ownForms)
    names.subtract(Set(elements("connection")).subtracting(SimpleCache.neverOptions))
    names.subtract(withheld)
    return names
  }
}
