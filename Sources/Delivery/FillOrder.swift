internal import Bytes
internal import Cache
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

/// What a worker needs to run a Fill or a pass, gathered where the viewer's head is at hand.
///
/// It travels to the worker that owns the key; nothing in it depends on the viewer staying.
public struct FillOrder: Sendable {
  /// The object that the answer goes into.
  let object: CachedObject
  /// What is fetched.
  let fetch: FetchOrder
  /// The rule that matched.
  let rule: Rule
  /// The path of the target, for the kind of object and the container check.
  let path: [UInt8]
  /// The head that caused it: its fields choose the variant if the answer varies.
  let requestHead: [UInt8]
  /// Nothing of the viewer's request was left out that could have changed the answer, so that its
  /// initiator may have an answer that turns out to be uncacheable.
  let isPlain: Bool
  /// The state of a playlist that the key names, in the numbers of viewers.
  let reload: BlockingReload?
  /// A playlist has named it as a part.
  let isNamedPart: Bool
  /// For this viewer alone.
  let isPass: Bool
  /// The rest of an answer from this byte on, and the strong tag that it must have.
  var resumes: (offset: UInt64, entityTag: [UInt8])?
  /// What the answer does to what is stored, where it is for this viewer alone.
  var effect = PassEffect.none
  /// The request carries Authorization.
  var hasAuthorization = false
  /// The range that is fetched, where it is not the whole.
  let part: PartRequest?
  /// The pieces that are completed.
  let completes: PieceView?
  /// The slice that is fetched, of an object that is fetched in slices.
  let slice: SliceOrder?
  /// The epoch that its URI is marked with: which server of a live presentation named it.
  let mark: Int?
  /// It has a condition, so that 304 may be its answer; the viewer's, where it is for him alone.
  let isConditional: Bool

  /// The Fill of an object that was entered into the table.
  init(
    shared object: CachedObject, target: Span<UInt8>, head: borrowing RequestHead,
    bytes: Span<UInt8>, rule: Rule, mayBeHeld: Bool, part: PartRequest? = nil,
    completes: PieceView? = nil, slice: SliceOrder? = nil, snapshot: Snapshot
  ) {
    self.object = object
    self.rule = rule
    self.part = part
    self.slice = part == nil && completes == nil ? slice : nil
    self.completes = completes
    path = [UInt8](copying: bytes.slice(head.target.path))
    mark = EpochMark.find(in: bytes.slice(head.target.query))
    requestHead = [UInt8](copying: bytes)
    reload = FillOrder.reload(RenditionName.query(of: target), path: path)
    isNamedPart = mayBeHeld
    isPlain = FillOrder.isPlain(head, sendsRange: part?.isAsAsked ?? false)
    isPass = false
    let request = OriginRequest.fill(
      target: target, head: head, bytes: bytes, vary: object.vary,
      isIdentityOnly: object.isIdentityOnly, rule: rule, site: object.site, snapshot: snapshot)
    let fallback = object.fallback
    var order = FetchOrder(
      snapshot: snapshot, originIndex: snapshot.site(object.site).origin, request: request)
    if let validators = fallback?.validators, !validators.isEmpty {
      order.condition = .revalidate(validators)
    } else if fallback == nil {
      let tags = object.siblings.map(\.validators.entityTag)
      if !tags.isEmpty { order.condition = .anyOf(tags) }
    }
    if let part = part ?? completes.flatMap({ Assembly($0).firstRequest }) {
      order.condition = .range(
        part.extent, ifRange: part.ifRange, validators: part.validators)
    }
    if let slice = self.slice {
      order.condition = slice.condition(validators: fallback?.validators)
    }
    isConditional = order.condition.allowsNotModified
    // What an origin may hold is not cut short (three target durations; six seconds each at most).
    if reload != nil || mayBeHeld || FillOrder.asksForReload(head, bytes) {
      order.firstByteTimeout = DeliveryLimits.heldReload
    }
    order.urgency = FillOrder.urgency(of: path, rule: rule, isAwaited: mayBeHeld)
    // Equal names of independent servers may be different moments.
    order.mayHedge =
      snapshot.origins[order.originIndex].twins == .sameBytes && order.firstByteTimeout == nil
    order.keyHash = object.primary.low
    fetch = order
  }

  /// The rest of `old` from `offset` on, for a reader that was too slow for its window.
  init(
    resuming object: CachedObject, of old: CachedObject, from offset: UInt64,
    head: borrowing RequestHead, bytes: Span<UInt8>, rule: Rule, snapshot: Snapshot
  ) {
    self.object = object
    self.rule = rule
    path = [UInt8](copying: bytes.slice(head.target.path))
    mark = EpochMark.find(in: bytes.slice(head.target.query))
    requestHead = []
    isPlain = true
    reload = nil
    isNamedPart = false
    isPass = true
    isConditional = false
    part = nil
    completes = nil
    slice = nil
    let target = old.keyText
    let request = OriginRequest.fill(
      target: target.span.extracting(droppingFirst: old.targetStart), head: head, bytes: bytes,
      vary: old.vary, isIdentityOnly: old.isIdentityOnly, rule: rule, site: old.site,
      snapshot: snapshot)
    let tag = old.validators.entityTag
    var order = FetchOrder(
      snapshot: snapshot, originIndex: snapshot.site(old.site).origin, request: request)
    order.condition = .resume(offset: offset, entityTag: tag)
    order.urgency = FillOrder.urgency(of: path, rule: rule)
    order.keyHash = old.primary.low
    fetch = order
    resumes = (offset, tag)
  }

  /// A request that goes to the origin for its viewer alone.
  init(
    passing object: CachedObject, head: borrowing RequestHead, bytes: Span<UInt8>,
    client: Span<UInt8>, rule: Rule, snapshot: Snapshot, effect: PassEffect
  ) {
    self.object = object
    self.rule = rule
    self.effect = effect
    path = [UInt8](copying: bytes.slice(head.target.path))
    mark = EpochMark.find(in: bytes.slice(head.target.query))
    requestHead = effect == .none ? [] : [UInt8](copying: bytes)
    part = nil
    completes = nil
    slice = nil
    hasAuthorization = head.fields.has(.authorization)
    isConditional = head.fields.has(.ifNoneMatch) || head.fields.has(.ifModifiedSince)
    isPlain = true
    reload =
      effect == .adopts ? FillOrder.reload(bytes.slice(head.target.query), path: path) : nil
    isNamedPart = false
    isPass = true
    let request = OriginRequest.pass(
      head: head, bytes: bytes, client: client, isSecure: false, site: object.site,
      snapshot: snapshot)
    var order = FetchOrder(
      snapshot: snapshot, originIndex: snapshot.site(object.site).origin, request: request)
    order.mayRepeat = FillOrder.isIdempotent(head.method)
    order.urgency = FillOrder.urgency(of: path, rule: rule)
    order.keyHash = object.primary.low
    if FillOrder.isSession(head, bytes, rule: rule, path: path) {
      order.isSession = true
      order.keyHash = FillOrder.sessionHash(of: head, bytes)
    }
    if FillOrder.asksForReload(head, bytes) { order.firstByteTimeout = DeliveryLimits.heldReload }
    fetch = order
  }

  /// The Fill carries its viewer's fields, so that an answer that varies is for him.
  var forwardsFields: Bool { rule.forwardsFields(ofStream: object.isIdentityOnly) }

  /// How much depends on an object, by its path: the answer is not known yet.
  ///
  /// Which media is at the live edge the path does not tell: what a playlist has just named as a
  /// part (`isAwaited`), and all media under a rule with `live`.
  private static func urgency(
    of path: [UInt8], rule: Rule, isAwaited: Bool = false
  ) -> FetchUrgency {
    switch ObjectKind.guess(contentType: nil, path: path.span) {
    case .playlist, .multivariantPlaylist, .mediaPlaylist, .dashManifest: .playlist
    case .initSegment, .key: .initialization
    case .segment, .text: isAwaited || rule.live ? .liveEdge : .other
    case .image, .other: .other
    }
  }

  /// Whether the fields that a Fill leaves out of this request cannot have mattered.
  private static func isPlain(_ head: borrowing RequestHead, sendsRange: Bool) -> Bool {
    !head.fields.has(.cookie) && (sendsRange || !head.fields.has(.range)) && head.method == .get
      && !head.fields.has(.ifNoneMatch) && !head.fields.has(.ifModifiedSince)
  }

  /// The state that a query asks for, of a playlist.
  private static func reload(_ query: Span<UInt8>, path: [UInt8]) -> BlockingReload? {
    guard !query.isEmpty, ObjectKind.guess(contentType: nil, path: path.span) == .playlist else {
      return nil
    }
    do throws(BlockingReload.Fault) {
      let reload = try BlockingReload.read(query)
      return reload.msn == nil ? nil : reload
    } catch {
      // Such a request is refused before it is fetched; one that passes is its origin's business.
      return nil
    }
  }

  /// Whether a request that passes is one for a session's manifest: by rule, or because it is a
  /// playlist or manifest that turned out to be for one viewer.
  private static func isSession(
    _ head: borrowing RequestHead, _ bytes: Span<UInt8>, rule: Rule, path: [UInt8]
  ) -> Bool {
    guard head.method == .get || head.method == .head else { return false }
    let kind = ObjectKind.guess(contentType: nil, path: path.span)
    return kind.isPlaylist || kind == .dashManifest || rule.isSession(of: kind)
  }

  /// What chooses the server of a session: its URL, without what changes with every request.
  private static func sessionHash(
    of head: borrowing RequestHead, _ bytes: Span<UInt8>
  ) -> UInt64 {
    var text = [UInt8](copying: bytes.slice(head.target.path))
    var arguments = Arguments(head.target.query)
    while let argument = arguments.next(in: bytes) {
      let name = bytes.slice(argument.name)
      if name.hasPrefix("_HLS_") || name.percentDecodedEquals("CMCD") { continue }
      text.append(UInt8(ascii: "&"))
      text += [UInt8](copying: bytes.slice(argument.whole))
    }
    return Hash128(of: text.span).low
  }

  private static func asksForReload(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) -> Bool {
    var arguments = Arguments(head.target.query)
    while let argument = arguments.next(in: bytes) {
      if bytes.slice(argument.name).equals("_HLS_msn") { return true }
    }
    return false
  }

  /// RFC 9110 section 9.2.2: such a request may be sent again if its connection died.
  private static func isIdempotent(_ method: Method) -> Bool {
    switch method {
    case .get, .head, .put, .delete, .options, .trace: true
    case .post, .patch, .connect, .other: false
    }
  }
}
