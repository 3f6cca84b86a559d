internal import Streams
public import Wire

/// Why a request passes to the origin without a look at the cache.
public enum PassReason: Sendable, Equatable {
  /// The method is not GET or HEAD.
  case method
  /// A rule says `bypass`.
  case bypass
  /// A rule says `session`, and it is no media: the answer belongs to one viewer.
  case session
  /// A GET or HEAD with a body, whose meaning nobody but the origin knows (RFC 9110 section 9.3.1).
  case body
  /// Its key cannot be made, or its variant not chosen: see `CacheKeyError`, `VaryRule`.
  case key
}

/// What the cache may do for a request: decided once, when its head, site and rule are known.
///
/// `no-cache`, `no-store`, `max-age` and Pragma of viewers are not obeyed. The node answers in the
/// publisher's name, like its origin (RFC 9111 section 5.2.1 addresses caches that viewers choose;
/// every CDN does so): otherwise any viewer with the developer tools open, and every reload, could
/// send the herd to the origin. The publisher has `purge` and rules. `only-if-cached` is obeyed,
/// because it costs the origin nothing.
public enum RequestPlan: Sendable, Equatable {
  /// Look the key up; what is there has to meet the request's terms.
  case lookUp(ReuseTerms)
  /// Ask the origin for this viewer alone.
  ///
  /// Where `invalidates`, a 2xx or 3xx answer makes what is stored for the URL stale.
  case pass(PassReason, invalidates: Bool)
  /// Answer with this status and ask nobody.
  case refuse(status: UInt16)

  /// Judges a request head.
  ///
  /// - Parameters:
  ///   - head: The request's head.
  ///   - bytes: The bytes that it was parsed from.
  ///   - rule: The rule that matched its path.
  ///   - snapshot: The configuration; its node name is looked for in CDN-Loop.
  /// - Returns: The plan. Ranges and conditions do not matter to it: the answer is made from the
  ///   whole object (`Condition`).
  public static func make(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, rule: Rule, snapshot: Snapshot
  ) -> RequestPlan {
    switch head.method {
    case .connect, .trace: return .refuse(status: 405)
    case .get, .head, .post, .put, .delete, .options, .patch, .other: break
    }
    if head.fields.has(.cdnLoop),
      LoopCheck.loops(head, bytes: bytes, name: snapshot.nodeName)
    {
      return .refuse(status: 508)
    }
    guard head.method == .get || head.method == .head else {
      return .pass(.method, invalidates: !head.method.isSafe)
    }
    if rule.bypass { return .pass(.bypass, invalidates: false) }
    if rule.session,
      rule.isSession(of: ObjectKind.guess(contentType: nil, path: bytes.slice(head.target.path)))
    {
      return .pass(.session, invalidates: false)
    }
    if head.framing != .none && head.framing != .length(0) {
      return .pass(.body, invalidates: false)
    }
    let terms = ReuseTerms.read(head, bytes: bytes, obeysDirectives: rule.obeysRequests)
    return .lookUp(terms)
  }

  /// Whether an answer with `status` to an unsafe request makes the stored answer stale.
  ///
  /// RFC 9111 section 4.4: any that is no error.
  public static func invalidates(status: UInt16) -> Bool { (200..<400).contains(status) }
}
