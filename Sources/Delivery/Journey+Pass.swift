internal import Bytes
internal import Cache
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// Goes to the origin for this request alone: everything end-to-end goes on.
  ///
  /// Nothing is kept, but for an answer to Authorization whose directives make it everybody's. A
  /// pass is a Fill with one reader, on the viewer's own worker; a request body is streamed.
  /// Next: `follow`.
  func pass(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    let kept = exchange.savedHead
    let bytes = kept.span
    var effect = exchange.invalidates ? PassEffect.invalidates : .none
    var text: CacheKeyText?
    if !exchange.invalidates, let wished = wishedEffect(exchange) {
      text = keyOfPass(exchange)
      if text != nil { effect = wished }
    }
    let object = CachedObject(
      key: text ?? unsharedKey(exchange), owner: index, body: Body(arena: node.arena),
      filledSequence: table.purges.current, initiator: exchange.id, fallback: exchange.fallback,
      isIdentityOnly: text != nil && isIdentityOnly(exchange))
    exchange.fallback = nil
    let clientText = viewer.clientText
    let order = FillOrder(
      passing: object, head: head, bytes: bytes, client: clientText.span,
      rule: exchange.rule, snapshot: snapshot, effect: effect)
    let next = join(object, exchange)
    var upload: Upload?
    if exchange.requestBody != .none, exchange.requestBody != .length(0) {
      upload = Upload(
        viewer.reference, framing: exchange.requestBody,
        expectsContinue: exchange.expectsContinue && exchange.minorVersion > 0)
      exchange.upload = upload
    }
    fills.start(order, upload: upload)
    return next
  }

  /// What the answer to this safe request may do to what is stored, if its key allows it.
  private func wishedEffect(_ exchange: Exchange) -> PassEffect? {
    let rule = exchange.rule
    guard !rule.bypass, !rule.session || !rule.isSession(of: namedKind(exchange)),
      !exchange.terms.noStore
    else { return nil }
    let wished: PassEffect
    switch exchange.method {
    case .head: wished = .updates
    case .get where exchange.terms.hasAuthorization: wished = .adopts
    default: return nil
    }
    let kept = exchange.savedHead
    return NeutralRequest.holds(head, bytes: kept.span) ? wished : nil
  }

  /// The key that a GET has, if the origin is asked for exactly what the key says.
  private func keyOfPass(_ exchange: Exchange) -> CacheKeyText? {
    let kept = exchange.savedHead
    let bytes = kept.span
    let made: CacheKey
    do throws(CacheKeyError) {
      made = try CacheKey.make(
        snapshot: snapshot, rule: exchange.rule, path: bytes.slice(head.target.path),
        query: bytes.slice(head.target.query), hasQuery: head.target.hasQuery,
        after: keyStart(of: exchange, bytes.slice(head.target.host)), in: &key)
    } catch {
      return nil
    }
    let text = key
    let target = text.span.extracting(droppingFirst: made.targetStart)
    let path = bytes.slice(head.target.path)
    let query = bytes.slice(head.target.query)
    let count = path.count + (head.target.hasQuery ? 1 + query.count : 0)
    guard target.count == count, target.extracting(first: path.count).equals(path),
      target.extracting(last: query.count).equals(query)
    else { return nil }
    return CacheKeyText(
      hash: made.hash, text: text, targetStart: made.targetStart, site: exchange.site)
  }

  /// What a pass that is not stored is known by, in logs alone.
  private func unsharedKey(_ exchange: Exchange) -> CacheKeyText {
    let kept = exchange.savedHead
    let path = kept.span.slice(head.target.path)
    var text: [UInt8] = []
    for index in 0..<path.count { text.append(path[index]) }
    return CacheKeyText(
      hash: Hash128(of: text.span), text: text, targetStart: 0, site: exchange.site)
  }
}
