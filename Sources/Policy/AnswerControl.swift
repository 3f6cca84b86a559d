internal import Bytes
internal import Wire

/// What an answer says about caching, after the choice of the field that speaks to this cache.
///
/// RFC 9213 section 2.2: of `Spillway-Cache-Control` and `CDN-Cache-Control` the first that is
/// valid and not empty speaks alone, and Cache-Control and Expires are not heard.
struct AnswerControl {
  /// The directives, without those that the rule ignores.
  var control: CacheControl
  /// The field that they come from.
  let token: FieldName

  /// The fields that are meant for this cache, the most particular first: RFC 9213 section 2.2.
  private static let targets: [2 of FieldName] = [.spillwayCacheControl, .cdnCacheControl]

  /// A targeted field speaks, so Expires and Pragma do not.
  var isTargeted: Bool { token != .cacheControl }

  static func read(
    _ fields: borrowing HeadFields, bytes: Span<UInt8>, ignoring ignored: IgnoredDirectives
  ) -> AnswerControl {
    var answer = choose(fields, bytes: bytes)
    if !ignored.isEmpty { answer.drop(ignored) }
    return answer
  }

  private static func choose(
    _ fields: borrowing HeadFields, bytes: Span<UInt8>
  ) -> AnswerControl {
    for index in AnswerControl.targets.indices {
      let token = AnswerControl.targets[index]
      if fields.has(token), let control = CacheControl(targeted: fields, token, in: bytes) {
        return AnswerControl(control: control, token: token)
      }
    }
    return AnswerControl(control: CacheControl(of: fields, in: bytes), token: .cacheControl)
  }

  /// Whether a targeted field speaks in place of Cache-Control.
  static func isTargeted(_ fields: borrowing HeadFields, bytes: Span<UInt8>) -> Bool {
    choose(fields, bytes: bytes).isTargeted
  }

  private mutating func drop(_ ignored: IgnoredDirectives) {
    if ignored.contains(.noStore) { control.flags.remove(.noStore) }
    if ignored.contains(.noCache) { control.flags.subtract([.noCache, .noCacheFields]) }
    if ignored.contains(.isPrivate) { control.flags.subtract([.isPrivate, .privateFields]) }
    if ignored.contains(.mustRevalidate) {
      control.flags.subtract([.mustRevalidate, .proxyRevalidate])
    }
  }

  /// Whether requests with Authorization may be answered: RFC 9111 section 3.5.
  var isShared: Bool {
    control.has(.isPublic) || control.has(.mustRevalidate) || control.sharedMaxAge != nil
  }

  /// Whether an answer that is no longer fresh may not be used: RFC 9111 section 4.2.4.
  ///
  /// `s-maxage` implies `proxy-revalidate` (section 5.2.2.10), but an origin that also states how
  /// long a stale answer may be used means that.
  func forbidsStale(ignoring ignored: IgnoredDirectives) -> Bool {
    if control.has(.mustRevalidate) || control.has(.proxyRevalidate) { return true }
    let statesStale = control.staleWhileRevalidate != nil || control.staleIfError != nil
    return control.sharedMaxAge != nil && !statesStale && !ignored.contains(.mustRevalidate)
  }
}
