internal import Bytes
internal import Streams
internal import Wire

/// A freshness lifetime and where it comes from: RFC 9111 section 4.2.1.
struct Lifetime: Equatable {
  var length: Milliseconds
  var source: LifetimeSource

  static let none = Lifetime(length: .zero, source: .none)

  /// What the origin states: s-maxage, max-age, or Expires less Date; `nil` where it is silent.
  ///
  /// Expires is compared with Date, not with our clock, so that clocks may disagree.
  static func stated(
    _ answer: AnswerControl, _ fields: borrowing HeadFields, bytes: Span<UInt8>,
    now: WallTime
  ) -> Lifetime? {
    if let seconds = answer.control.sharedMaxAge {
      return Lifetime(
        length: .seconds(Int64(seconds)), source: answer.isTargeted ? .targeted : .sMaxAge)
    }
    if let seconds = answer.control.maxAge {
      return Lifetime(
        length: .seconds(Int64(seconds)), source: answer.isTargeted ? .targeted : .maxAge)
    }
    guard !answer.isTargeted, let field = fields.first(.expires) else { return nil }
    // An Expires that is no date ("0", "-1") lies in the past: RFC 9111 section 5.3.
    guard let end = HTTPDate(bytes.slice(field), now: now.seconds) else {
      return Lifetime(length: .zero, source: .expires)
    }
    let start = date(fields, bytes: bytes, now: now)
    let seconds = min(max(0, end.seconds - start.seconds), PolicyLimits.deltaSecondsMax)
    return Lifetime(length: .seconds(seconds), source: .expires)
  }

  /// A tenth of the time since Last-Modified: RFC 9111 section 4.2.2.
  ///
  /// For statuses that are cacheable by default, or `public`. Pragma `no-cache` without
  /// Cache-Control means nothing in an answer (section 5.4), but who sends it wants no guesses.
  static func heuristic(
    _ answer: AnswerControl, _ fields: borrowing HeadFields, bytes: Span<UInt8>,
    now: WallTime, status: UInt16
  ) -> Lifetime {
    guard StatusClass.isHeuristicallyCacheable(status) || answer.control.has(.isPublic),
      let field = fields.first(.lastModified),
      let modified = HTTPDate(bytes.slice(field), now: now.seconds)
    else { return .none }
    let wantsNoGuess =
      fields.has(.pragma) && !answer.isTargeted && !fields.has(.cacheControl)
      && fields.lists(.pragma, "no-cache", in: bytes)
    let age = date(fields, bytes: bytes, now: now).seconds - modified.seconds
    guard age > 0, !wantsNoGuess else { return .none }
    let tenth = Milliseconds(min(age, PolicyLimits.deltaSecondsMax) * 100)
    return Lifetime(length: min(tenth, PolicyLimits.heuristicMax), source: .heuristic)
  }

  /// The Date of the answer; when it arrived, if it has none.
  private static func date(
    _ fields: borrowing HeadFields, bytes: Span<UInt8>, now: WallTime
  ) -> HTTPDate {
    if let field = fields.first(.date),
      let date = HTTPDate(bytes.slice(field), now: now.seconds)
    {
      return date
    }
    return HTTPDate(seconds: now.seconds)
  }
}
