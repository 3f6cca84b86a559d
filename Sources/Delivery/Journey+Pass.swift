internal import Bytes
internal import Cache
internal import Policy
internal import Telemetry
internal import Wire

extension Worker {
  /// Goes to the origin for this request alone: everything end-to-end goes on, nothing is kept.
  ///
  /// A pass is a Fill with one reader, on the viewer's own worker; a request body is streamed.
  /// Next: `follow`.
  func pass(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    let kept = exchange.savedHead
    let bytes = kept.span
    let path = bytes.slice(head.target.path)
    var text: [UInt8] = []
    for index in 0..<path.count { text.append(path[index]) }
    let object = CachedObject(
      key: CacheKeyText(
        hash: Hash128(of: text.span), text: text, targetStart: 0, site: exchange.site),
      owner: index, body: Body(arena: node.arena), filledSequence: 0, initiator: exchange.id,
      fallback: nil, isIdentityOnly: false)
    let clientText = viewer.clientText
    let order = FillOrder(
      passing: object, head: head, bytes: bytes, client: clientText.span,
      rule: exchange.rule, snapshot: snapshot,
      invalidates: exchange.invalidates ? primaryHash(exchange) : nil)
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

  /// The hash of the key that a GET for the same target has.
  private func primaryHash(_ exchange: Exchange) -> Hash128? {
    let kept = exchange.savedHead
    let bytes = kept.span
    do throws(CacheKeyError) {
      return try CacheKey.make(
        snapshot: snapshot, rule: exchange.rule, path: bytes.slice(head.target.path),
        query: bytes.slice(head.target.query), hasQuery: head.target.hasQuery,
        after: keyStart(of: exchange, bytes.slice(head.target.host)), in: &key
      ).hash
    } catch {
      return nil
    }
  }
}
