internal import Bytes
internal import Cache
internal import Policy
internal import Wire

/// A playlist that the node stores of its own accord, beside the answer that it was made from.
struct WrittenPlaylist {
  var head: StoredHead
  var freshness: Freshness
  var body: [UInt8]
  /// The query of its key.
  var query: [UInt8] = []
  /// When the answer arrived.
  var arrival = Instant(nanoseconds: 0)
  /// What it may be purged by.
  var tags: [[UInt8]] = []
  /// The rule of its path tells gzip apart, so that viewers who take it may get it.
  let allowsGzip: Bool

  init(head: StoredHead, freshness: Freshness, body: [UInt8], under rule: Rule) {
    allowsGzip = rule.codings.contains(.gzip)
    self.head = head
    self.freshness = freshness
    self.body = body
  }
}

extension Worker {
  /// Stores a playlist under the key of `other` with another query.
  ///
  /// - Returns: Whether it is: not without memory for it, nor if it was purged meanwhile.
  func store(_ playlist: WrittenPlaylist, beside other: CachedObject) -> Bool {
    let key = Worker.key(of: other, query: playlist.query)
    guard let body = wholeBody(of: playlist.body) else { return false }
    let object = CachedObject(
      key: key, owner: table.owner(of: key.hash), body: body, filledSequence: other.filledSequence,
      initiator: 0, fallback: nil, isIdentityOnly: other.isIdentityOnly)
    var playlist = playlist
    object.settle(playlist.freshness, arrival: playlist.arrival)
    object.noteServer(other.server)
    attachGzip(to: object, &playlist)
    object.publish(head: playlist.head, length: UInt64(playlist.body.count), tags: playlist.tags)
    return table.adopt(object)
  }

  /// A body that has all of these bytes; `nil` without memory for it.
  func wholeBody(of bytes: [UInt8]) -> Body? {
    let body = Body(arena: node.arena)
    let length = UInt64(bytes.count)
    guard body.admit(length: length, keepAtMost: DeliveryLimits.playlistBytes) == .kept,
      body.room >= bytes.count
    else {
      _ = body.abort()
      return nil
    }
    _ = body.append(bytes.span)
    _ = body.seal()
    return body
  }

  /// The key of an object with another query.
  static func key(of object: CachedObject, query: [UInt8]) -> CacheKeyText {
    let text = object.keyText
    let old = RenditionName.query(of: text.span)
    var key = [UInt8](copying: text.span.extracting(0..<(text.count - old.count)))
    if key.last == UInt8(ascii: "?") { key.removeLast() }
    if !query.isEmpty { key += [UInt8(ascii: "?")] + query }
    return CacheKeyText(
      hash: Hash128(of: key.span), text: key, targetStart: object.targetStart, site: object.site)
  }
}
