internal import Bytes
internal import Cache
internal import Wire

// Answers that are sent part by part.
extension Worker {
  /// Answers with several ranges of one object: RFC 9110 section 15.3.7.2.
  ///
  /// The ranges are resolved once more: they are too many to be handed about on every hit.
  func answerSeveral(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ object: CachedObject, length: UInt64
  ) {
    let plan = AnswerPlan(
      severalRanges(exchange, length: length), length: length, head: object.head,
      boundary: .random(in: 0 ... .max), joined: exchange.object
    ) { [(nil, $0)] }
    begin(plan, exchange, viewer, object, status: 206, range: nil)
  }

  /// The ranges of a request whose condition came out as several.
  func severalRanges(_ exchange: Exchange, length: UInt64) -> ResolvedRanges {
    let kept = exchange.savedHead
    guard let field = head.fields.first(.range), let asked = RangeRequest(kept.span.slice(field)),
      case .several(let ranges) = asked.resolve(length: length)
    else { preconditionFailure("several ranges are asked for no more") }
    return ranges
  }

  /// Writes the head of an answer that is sent by a plan; its first step is next.
  func begin(
    _ plan: AnswerPlan, _ exchange: Exchange, _ viewer: ViewerConnection, _ object: CachedObject,
    status: UInt16, range: ContentRangeText?
  ) {
    exchange.status = status
    exchange.plan = plan
    exchange.framing = .parts
    exchange.offset = 0
    exchange.end = 0
    writeHead(exchange, viewer, object, contentLength: plan.contentLength, range: range)
  }

  /// Begins what comes next in an answer of parts; `false` when everything has been sent.
  func advance(_ exchange: Exchange, _ viewer: ViewerConnection) -> Bool {
    guard let plan = exchange.plan else { preconditionFailure("parts are sent without a plan") }
    while let step = plan.next() {
      switch step {
      case .head(let index): appendPart(viewer, exchange, plan, index)
      case .end: appendPart(viewer, exchange, plan, nil)
      case .bytes(let object, let range):
        if let object {
          exchange.object = object
          exchange.bodyStart = object.extent?.range.first ?? 0
        }
        exchange.offset = range.first
        exchange.end = range.last + 1
        return true
      }
    }
    return false
  }

  /// Appends a part's head, or the delimiter behind the last one.
  private func appendPart(
    _ viewer: ViewerConnection, _ exchange: Exchange, _ plan: AnswerPlan, _ index: Int?
  ) {
    guard let multipart = plan.multipart else {
      preconditionFailure("a part's head belongs to no multipart answer")
    }
    let room = unsafe viewer.outbound.room(
      WireLimits.partHeadMax + plan.contentType.count, from: chunks)
    var writer = unsafe HeadWriter(room)
    let type = plan.contentType
    if let index {
      multipart.appendHead(of: index, contentType: type.span, to: &writer)
    } else {
      multipart.appendEnd(to: &writer)
    }
    precondition(!writer.hasOverflowed, "a part's head was longer than its room")
    viewer.outbound.filled(writer.count)
    exchange.bodySent += UInt64(writer.count)
  }
}
