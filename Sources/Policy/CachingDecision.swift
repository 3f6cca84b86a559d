public import Bytes
public import Streams
public import Wire

/// Why an answer is not kept.
public enum NotStored: Sendable, Equatable {
  /// The request was no GET.
  case method
  /// A rule says `bypass` or `session`.
  case rule
  /// `no-store`, in the answer.
  case noStore
  /// `private`.
  case isPrivate
  /// Set-Cookie: made for one viewer; a rule may say that it is not.
  case setCookie
  /// Authorization without `public`, `s-maxage` or `must-revalidate`: RFC 9111 section 3.5.
  case authorization
  /// `Vary: *`, or too many fields.
  case vary
  /// A partial answer, which is kept as a piece, or a 304 that nobody asked for.
  case status
  /// `must-understand`, and the status is not: RFC 9111 section 5.2.2.3.
  case notUnderstood
  /// Nothing says that it stays fresh, and nothing is there to revalidate it with.
  case notFresh
}

/// What happens to an answer: decided once, when its head has arrived.
public enum CachingDecision: Sendable, Equatable {
  /// Keep it, once it is sealed.
  case store(Freshness)
  /// Release all who wait, and let requests for the key pass for so long without a Fill in common.
  case doNotStore(NotStored, remember: Milliseconds)
}

/// What the decision needs to know about the request and the object.
public struct DecisionFacts: Sendable {
  /// The request's method; a Fill's is always GET.
  public var method: Method
  /// The request carried Authorization; never true for a Fill in this form of the policy.
  public var hasAuthorization: Bool
  /// The rule that matched.
  public var rule: Rule
  /// What the object is, by Content-Type and path.
  public var kind: ObjectKind
  /// The query asks for `_HLS_msn`: the key names one state.
  public var isBlockingReload: Bool
  /// From the request sent to its head here: the response delay of RFC 9111 section 4.2.3.
  public var delay: Milliseconds
  /// The wall clock when the head arrived.
  public var now: WallTime
  /// Random bits that spread retries after errors.
  public var jitter: UInt64

  /// The facts about a Fill.
  public init(
    method: Method = .get, hasAuthorization: Bool = false, rule: Rule, kind: ObjectKind,
    isBlockingReload: Bool = false, delay: Milliseconds = .zero, now: WallTime, jitter: UInt64 = 0
  ) {
    self.method = method
    self.hasAuthorization = hasAuthorization
    self.rule = rule
    self.kind = kind
    self.isBlockingReload = isBlockingReload
    self.delay = delay
    self.now = now
    self.jitter = jitter
  }
}
