public import Wire

/// How a stored or arriving answer meets the conditions and the range of one request.
public enum Condition: Sendable, Equatable {
  /// 200 with the whole object.
  case full
  /// 304.
  case notModified
  /// 206 with these bytes.
  case partial(ResolvedRange)
  /// 206 with several ranges: `RangeRequest.resolve` says which.
  case several
  /// 206 as soon as the length is known; until then wait: `evaluate` again.
  case partialOnceLengthIsKnown
  /// 206 from `first` on, as long as the object grows: last position 2^53-1, RFC 8673.
  case partialOpenEnded(first: UInt64)
  /// 416 with `Content-Range: bytes */length`.
  case unsatisfiable
  /// 412.
  case preconditionFailed

  /// Evaluates a GET or HEAD in the order of RFC 9110 section 13.2.2.
  ///
  /// If-None-Match decides before the range does: Chromium's HLS player sends both for a playlist,
  /// and 304 is right if the tag matches; if not, the range applies to the new version. HEAD
  /// ignores ranges (section 14.2).
  ///
  /// - Parameters:
  ///   - head: The request's head.
  ///   - bytes: The bytes that it was parsed from.
  ///   - stored: What is known about the answer.
  ///   - now: The present in seconds since 1970, for dates with two-digit years.
  /// - Returns: What to answer; anything but `full` only where the stored status is 200.
  public static func evaluate(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, stored: borrowing StoredFacts, now: Int64
  ) -> Condition {
    guard stored.status == 200 else { return .full }
    if let verdict = preconditions(head, bytes: bytes, stored: stored, now: now) { return verdict }
    guard head.method == .get, let field = head.fields.first(.range),
      !head.fields.isRepeated(.range), let range = RangeRequest(bytes.slice(field)),
      ifRangeHolds(head, bytes: bytes, stored: stored, now: now)
    else { return .full }
    if let length = stored.length {
      switch range.resolve(length: length) {
      case .satisfiable(let resolved): return .partial(resolved)
      case .unsatisfiable: return .unsatisfiable
      case .several: return .several
      case .ignore: return .full
      }
    }
    // Still growing and of unknown length: a 206 needs a length, except for the open end.
    if range.count == 1, case .openEnded(let first) = range.extent {
      return .partialOpenEnded(first: first)
    }
    return .partialOnceLengthIsKnown
  }

  /// Steps 1 to 4 of RFC 9110 section 13.2.2; `nil` if all are met.
  private static func preconditions(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, stored: borrowing StoredFacts, now: Int64
  ) -> Condition? {
    if head.fields.has(.ifMatch) {
      let matches = anyLine(of: .ifMatch, head) {
        EntityTag.ifMatch(bytes.slice($0), matches: stored.entityTag)
      }
      if !matches { return .preconditionFailed }
    } else if let limit = date(.ifUnmodifiedSince, head, bytes, now) {
      if let modified = stored.lastModified, modified > limit { return .preconditionFailed }
    }
    if head.fields.has(.ifNoneMatch) {
      let matches = anyLine(of: .ifNoneMatch, head) {
        EntityTag.ifNoneMatch(bytes.slice($0), matches: stored.entityTag)
      }
      return matches ? .notModified : nil
    }
    // Without Last-Modified the answer's Date stands in: RFC 9111 section 4.3.2.
    if let since = date(.ifModifiedSince, head, bytes, now),
      let modified = stored.lastModified ?? stored.date, modified <= since
    {
      return .notModified
    }
    return nil
  }

  /// Whether a range may be answered from this version: RFC 9110 section 13.1.5.
  ///
  /// A date holds only if it is exactly the stored one and that is strong: the answer was made at
  /// least a second after the change (section 8.8.2.2).
  private static func ifRangeHolds(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, stored: borrowing StoredFacts, now: Int64
  ) -> Bool {
    guard let field = head.fields.first(.ifRange) else { return true }
    guard !head.fields.isRepeated(.ifRange) else { return false }
    return Condition.ifRange(bytes.slice(field), holdsFor: stored, now: now)
  }

  /// Whether the value of an If-Range names this version: RFC 9110 section 13.1.5.
  public static func ifRange(
    _ value: Span<UInt8>, holdsFor stored: borrowing StoredFacts, now: Int64
  ) -> Bool {
    if EntityTag(value) != nil { return EntityTag.strongMatch(value, stored.entityTag) }
    guard let date = HTTPDate(value, now: now), let modified = stored.lastModified,
      let made = stored.date
    else { return false }
    return date == modified && made > modified
  }

  /// Whether `matches` says so for any line of the field named `token`.
  private static func anyLine(
    of token: FieldName, _ head: borrowing RequestHead, _ matches: (ByteRange) -> Bool
  ) -> Bool {
    var line = head.fields.firstIndex(of: token)
    while let index = line {
      if matches(head.fields[index].value) { return true }
      line = head.fields.nextIndex(of: token, after: index)
    }
    return false
  }

  /// The date of a field; `nil` if it is absent, repeated or no date, so to be ignored.
  private static func date(
    _ token: FieldName, _ head: borrowing RequestHead, _ bytes: Span<UInt8>, _ now: Int64
  ) -> HTTPDate? {
    guard let value = head.fields.first(token), !head.fields.isRepeated(token) else { return nil }
    return HTTPDate(bytes.slice(value), now: now)
  }
}
