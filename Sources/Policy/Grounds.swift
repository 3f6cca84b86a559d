/// Why a decision was made: the section that says so and a sentence for operators.
public struct Ground: Sendable {
  /// The section: `RFC 9111 section 5.2.2.1`, or a place in our own documents.
  public let section: StaticString
  /// What it says here, without a full stop.
  public let sentence: StaticString

  init(_ section: StaticString, _ sentence: StaticString) {
    self.section = section
    self.sentence = sentence
  }
}

extension NotStored {
  /// The reason in words.
  public var ground: Ground {
    switch self {
    case .method: Ground("RFC 9111 section 3", "only answers to GET are stored")
    case .rule: Ground("the site's rule", "the rule says bypass or session")
    case .noStore: Ground("RFC 9111 section 5.2.2.5", "the answer says no-store")
    case .isPrivate: Ground("RFC 9111 section 5.2.2.7", "the answer says private")
    case .setCookie:
      Ground("RFC 9111 section 7.3", "the answer sets a cookie, and no rule ignores that")
    case .authorization:
      Ground(
        "RFC 9111 section 3.5",
        "the request had Authorization, and nothing in the answer permits to share it")
    case .vary:
      Ground("RFC 9111 section 4.1", "Vary is * or names more than is told apart")
    case .status:
      Ground("RFC 9111 section 3", "a 206 is kept as a piece, a 304 updates what it confirms")
    case .notUnderstood:
      Ground("RFC 9111 section 5.2.2.3", "must-understand, with a status that is not understood")
    case .notFresh:
      Ground(
        "RFC 9111 section 3", "nothing permits to reuse it, and nothing is there to revalidate")
    }
  }
}

extension LifetimeSource {
  /// The reason in words.
  public var ground: Ground {
    switch self {
    case .none: Ground("RFC 9111 section 4.2.2", "nothing says how long it is fresh")
    case .rule: Ground("the site's rule", "ttl or error_ttl of the rule")
    case .live:
      Ground("default policy by kind", "the default of live playlists, for the rule says live")
    case .targeted: Ground("RFC 9213 section 2.2", "a targeted field")
    case .sMaxAge: Ground("RFC 9111 section 5.2.2.10", "s-maxage")
    case .maxAge: Ground("RFC 9111 section 5.2.2.1", "max-age")
    case .expires: Ground("RFC 9111 section 5.3", "Expires less Date")
    case .heuristic:
      Ground("RFC 9111 section 4.2.2", "a tenth of the time since Last-Modified")
    case .kindDefault: Ground("default policy by kind", "the default of this kind of object")
    }
  }
}

extension PassReason {
  /// The reason in words.
  public var ground: Ground {
    switch self {
    case .method: Ground("RFC 9111 section 4", "only GET and HEAD are answered from a cache")
    case .bypass: Ground("the site's rule", "the rule says bypass")
    case .session: Ground("the site's rule", "the rule says session")
    case .body: Ground("RFC 9110 section 9.3.1", "a GET or HEAD with a body")
    case .key: Ground("RFC 9111 section 2", "the request has no key")
    }
  }
}
