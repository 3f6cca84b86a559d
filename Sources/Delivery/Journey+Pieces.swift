internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Partial content: answers that are made of stored pieces, and Fills of one range.
extension Worker {
  /// What becomes of a Range on a miss: seeks into a file are one viewer's, segments everybody's.
  func rangeUse(_ exchange: Exchange, isForStreams: Bool) -> RangeUse {
    if exchange.method != .get { return .ignored }
    if exchange.ignoresRange || exchange.rule.sliceBytes > 0 { return .whole }
    switch exchange.rule.range {
    case .whole: return .whole
    case .forward: return isToBeRewritten(exchange) ? .whole : .forwarded
    case .auto: return isForStreams ? rangeUseOfStream(exchange) : .forwarded
    }
  }

  /// What is named as a part may still grow, and playlists are read whole.
  private func rangeUseOfStream(_ exchange: Exchange) -> RangeUse {
    let isFile = head.fields.has(.range) && namedKind(exchange) == .segment
    return isFile && !asksForPart(exchange) ? .measured : .whole
  }

  /// A piece of what is rewritten is a piece of something else.
  private func isToBeRewritten(_ exchange: Exchange) -> Bool {
    namesManifest(exchange)
      && node.streams.switches.isOn(.rewrite, origin: snapshot.site(exchange.site).origin)
  }

  /// Goes on with what a lookup found in pieces.
  ///
  /// Next: `open` with pieces that hold everything, `follow` behind a Fill, `pass`.
  func lookedUp(
    _ partial: PartialLookup, _ exchange: Exchange, _ viewer: ViewerConnection, _ made: CacheKey
  ) -> Step {
    switch partial {
    case .hit(let view), .stale(let view):
      exchange.cache = .hit
      if case .stale = partial { exchange.cache = .stale }
      exchange.view = view
      exchange.object = view.lead
      return .open
    case .join(let object, let view):
      telemetry.add(to: .fillJoins)
      exchange.cache = .joined
      exchange.isCollapsed = true
      return wait(for: object, with: view, exchange)
    case .fill(let object, let part, let view):
      exchange.cache = .miss
      startFill(object, exchange, made, part: part)
      return wait(for: object, with: view, exchange)
    case .complete(let object, let view):
      exchange.cache = .miss
      startFill(object, exchange, made, completes: view)
      return wait(for: object, with: nil, exchange)
    case .whole(let object):
      exchange.cache = .miss
      startFill(object, exchange, made)
      return wait(for: object, with: nil, exchange)
    case .pass(let hasPieces):
      return goAlone(exchange, viewer, hasPieces ? .partial : .uriMiss)
    }
  }

  private func wait(
    for object: CachedObject, with view: PieceView?, _ exchange: Exchange
  ) -> Step {
    exchange.forward = object.reason
    exchange.view = view
    return join(object, exchange)
  }

  /// Answers from pieces where the exchange's object is one; `nil` where it is not.
  ///
  /// The bytes lie in the object, which may still arrive, and in the pieces that were stored when
  /// the exchange looked: all of one version.
  /// Next: `deliver`; `record` where there is no body; `lookUp` again where bytes are missing.
  func openPieces(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step? {
    guard let object = exchange.object, object.extent != nil, !object.isPrivate else { return nil }
    let stored =
      exchange.isFollowing
      ? exchange.view?.adding(object) : exchange.view?.refreshed(by: object)
    guard let view = stored ?? PieceView(lead: object, pieces: [object]) else { return nil }
    let kept = exchange.savedHead
    let condition = object.condition(
      head, bytes: kept.span, length: view.length, now: loop.wall.seconds)
    object.markHit()
    switch condition {
    case .notModified, .preconditionFailed, .unsatisfiable:
      answer(condition, exchange, viewer, object, length: view.length)
      return .record
    case .partial(let range):
      let sources = view.sources(of: range)
      guard let last = sources.last?.range.last else { return lookAgain(exchange) }
      let sent = ResolvedRange(first: range.first, last: last)
      begin(
        AnswerPlan(Worker.marked(sources), joined: object), exchange, viewer, object, status: 206,
        range: .part(sent, length: view.length))
      return .deliver
    case .several:
      return openSeveral(exchange, viewer, object, view)
    case .full, .partialOnceLengthIsKnown, .partialOpenEnded:
      let everything = ResolvedRange(first: 0, last: view.length - 1)
      guard view.covers(everything) else {
        // Its If-Range names another version, or it asks for too much: the whole is what it gets.
        exchange.ignoresRange = true
        return lookAgain(exchange)
      }
      let sources = view.sources(of: everything)
      begin(
        AnswerPlan(Worker.marked(sources), joined: object), exchange, viewer, object, status: 200,
        range: nil)
      return .deliver
    }
  }

  private func openSeveral(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ object: CachedObject, _ view: PieceView
  ) -> Step {
    let ranges = severalRanges(exchange, length: view.length)
    for index in 0..<ranges.count where !view.covers(ranges[index]) { return lookAgain(exchange) }
    let plan = AnswerPlan(
      ranges, length: view.length, head: object.head, boundary: .random(in: 0 ... .max),
      joined: object
    ) { Worker.marked(view.sources(of: $0)) }
    begin(plan, exchange, viewer, object, status: 206, range: nil)
    return .deliver
  }

  /// Pieces that are read are not the first to be evicted.
  private static func marked(
    _ sources: [(object: CachedObject, range: ResolvedRange)]
  ) -> [(CachedObject?, ResolvedRange)] {
    for source in sources {
      source.object.markHit()
      source.object.count(hits: 1)
    }
    return sources.map { ($0.object, $0.range) }
  }
}
