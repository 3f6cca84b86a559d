public import Bytes
public import Wire

/// What one request demands of a stored answer beyond its freshness: RFC 9111 sections 3.5, 5.2.1.
public struct ReuseTerms: Sendable, Equatable {
  /// The origin is to be asked first: `no-cache`, or Pragma without Cache-Control.
  public var mustRevalidate = false
  /// Nothing of the answer is to be stored: `no-store`.
  public var noStore = false
  /// No origin is to be asked: `only-if-cached`.
  public var onlyIfCached = false
  /// The request carries Authorization: only an answer that is shared by its directives will do.
  public var hasAuthorization = false
  /// The greatest age that is wanted: `max-age`.
  public var maxAge: Milliseconds?
  /// How long past its freshness an answer is still welcome: `max-stale`.
  public var maxStale: Milliseconds?
  /// For how long the answer has to stay fresh: `min-fresh`.
  public var minFresh: Milliseconds?

  /// Terms that demand nothing: those of nearly every request.
  public static let none = ReuseTerms()

  /// Terms that demand nothing.
  public init() {}

  /// Whether any fresh answer will do.
  @inline(__always)
  public var isNone: Bool {
    !mustRevalidate && !noStore && !onlyIfCached && !hasAuthorization && maxAge == nil
      && maxStale == nil && minFresh == nil
  }

  /// Reads the terms of a request.
  ///
  /// `only-if-cached` is always obeyed, because it costs the origin nothing. The other directives
  /// only where the rule says `request_directives = "obey"`: the node answers in the publisher's
  /// name, and one reload button must not reach the origin.
  public static func read(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, obeysDirectives: Bool
  ) -> ReuseTerms {
    var terms = ReuseTerms()
    terms.hasAuthorization = head.fields.has(.authorization)
    guard head.fields.has(.cacheControl) else {
      // Pragma counts only where Cache-Control is absent: RFC 9111 section 5.4.
      terms.mustRevalidate =
        obeysDirectives && head.fields.has(.pragma)
        && head.fields.lists(.pragma, "no-cache", in: bytes)
      return terms
    }
    let control = CacheControl(of: head.fields, in: bytes)
    terms.onlyIfCached = control.has(.onlyIfCached)
    guard obeysDirectives else { return terms }
    terms.mustRevalidate = control.has(.noCache)
    terms.noStore = control.has(.noStore)
    terms.maxAge = control.maxAge.map { Milliseconds.seconds(Int64($0)) }
    terms.maxStale = control.maxStale.map { Milliseconds.seconds(Int64($0)) }
    terms.minFresh = control.minFresh.map { Milliseconds.seconds(Int64($0)) }
    return terms
  }
}
