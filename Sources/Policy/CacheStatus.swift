public import Bytes
public import Wire

/// What the node's member of Cache-Status tells about one answer: RFC 9211.
///
/// The member goes to the end of the field, behind those of the caches nearer to the origin; a
/// stored answer keeps theirs in its head.
public struct CacheStatus: Sendable, Equatable {
  /// Why a request went forward: RFC 9211 section 2.2.
  public enum Forward: Sendable, Equatable {
    /// A rule, a session or a remembered uncacheable key: the cache was not asked.
    case bypass
    /// The method is not answered from a cache.
    case method
    /// Nothing that is stored could be used, and nothing more exact can be said.
    case miss
    /// Nothing was stored under the key.
    case uriMiss
    /// Something was, but for other request fields.
    case varyMiss
    /// What was stored was no longer fresh.
    case stale
    /// Something fresh was stored, but the request did not allow its use: Authorization, a body,
    /// Cache-Control where a rule obeys it.
    case request
    /// The stored piece does not cover the range.
    case partial
  }

  /// A hit, the reason why the request went forward, or neither.
  public enum Outcome: Sendable, Equatable {
    /// Neither answered from the cache nor forwarded: only-if-cached found nothing, or a segment is
    /// known not to be there.
    case none
    /// Answered from the cache without a question; stale answers too, as their `ttl` shows.
    case hit
    /// Answered by, or after asking, the origin.
    case forward(Forward)
  }

  /// What else there is to say.
  public enum Detail: Sendable, Equatable {
    /// Nothing.
    case none
    /// Stale, served because the origin failed.
    case staleIfError
    /// Stale, served while a refresh runs.
    case staleWhileRevalidate
    /// Only-if-cached found nothing.
    case onlyIfCached
    /// The key is remembered as one whose answers are not shared.
    case uncacheable
  }

  /// Hit, or why not.
  public var outcome: Outcome
  /// The status that the origin answered; zero if it was not asked or did not answer.
  public var forwardStatus: UInt16 = 0
  /// The freshness that is left, negative if stale; `nil` where there is none to tell.
  public var left: Milliseconds?
  /// The answer was stored.
  public var isStored = false
  /// The request shared another's Fill.
  public var isCollapsed = false
  /// What else there is to say.
  public var detail = Detail.none

  /// A status with nothing but its outcome.
  public init(_ outcome: Outcome) { self.outcome = outcome }

  /// Writes the member: `edge1;hit;ttl=12`, without a separator before it.
  ///
  /// It takes at most `PolicyLimits.cacheStatusBytesMax` bytes, because a node's name is bounded;
  /// see `append(key:to:)` for the one parameter that is not.
  public func append(to writer: inout HeadWriter, snapshot: Snapshot) {
    snapshot.appendNodeItem(to: &writer)
    switch outcome {
    case .none: break
    case .hit: writer.appendParameter("hit")
    case .forward(let reason):
      writer.appendParameter("fwd", token: reason.token)
      if forwardStatus != 0 {
        writer.appendParameter("fwd-status", integer: Int64(forwardStatus))
      }
    }
    if let left {
      writer.appendParameter("ttl", integer: CacheStatus.seconds(left))
    }
    if isStored { writer.appendParameter("stored") }
    if isCollapsed { writer.appendParameter("collapsed") }
    switch detail {
    case .none: break
    case .staleIfError: writer.appendParameter("detail", token: "stale-if-error")
    case .staleWhileRevalidate: writer.appendParameter("detail", token: "stale-while-revalidate")
    case .onlyIfCached: writer.appendParameter("detail", token: "only-if-cached")
    case .uncacheable: writer.appendParameter("detail", token: "uncacheable")
    }
  }

  /// Adds the parameter `key`: RFC 9211 section 2.7, where the configuration asks for it.
  ///
  /// It tells strangers how keys are made. At most twice the key's bytes and eight more.
  public static func append(key: Span<UInt8>, to writer: inout HeadWriter) {
    writer.appendParameter("key", quoted: key)
  }

  /// Whole seconds, rounded down: an answer that was stale for 1 ms has ttl -1, not 0.
  private static func seconds(_ left: Milliseconds) -> Int64 {
    left.count >= 0 ? left.count / 1000 : -((-left.count &+ 999) / 1000)
  }
}

extension CacheStatus.Forward {
  /// The token of RFC 9211 section 2.2.
  var token: StaticString {
    switch self {
    case .bypass: "bypass"
    case .method: "method"
    case .miss: "miss"
    case .uriMiss: "uri-miss"
    case .varyMiss: "vary-miss"
    case .stale: "stale"
    case .request: "request"
    case .partial: "partial"
    }
  }

  /// The reason to tell for a pass.
  public init(_ reason: PassReason) {
    switch reason {
    case .method: self = .method
    case .body: self = .request
    case .bypass, .session, .key: self = .bypass
    }
  }
}
