public import Bytes
internal import Wire

// A playlist or manifest beside which the same lies in gzip.
extension CachedObject {
  /// Puts the same in gzip beside it: by the Fill's worker, before its head is published.
  ///
  /// - Parameters:
  ///   - body: All bytes of the gzip.
  ///   - head: The head of the bytes as they are, which says that they vary by the coding.
  ///   - length: How long the gzip is, in bytes.
  ///   - tags: What it may be purged by.
  public func attachCoded(_ body: Body, head: StoredHead, length: Int, tags: [[UInt8]]) {
    let coded = CachedObject(
      key: CacheKeyText(hash: primary, text: keyText, targetStart: targetStart, site: site),
      owner: owner, body: body, filledSequence: filledSequence, initiator: 0, fallback: nil,
      isIdentityOnly: false)
    coded.settle(freshness, arrival: arrival)
    coded.noteServer(server)
    coded.publish(head: head.inGzip, length: UInt64(length), tags: tags)
    self.coded = coded
  }

  /// Bytes that it occupies in memory, the fixed overhead and its gzip included.
  public var heldBytes: Int {
    body.heldBytes + keyText.capacity + storedHead.heldBytes + CacheLimits.objectOverheadBytes
      + (coded?.heldBytes ?? 0)
  }

  /// Keeps the gzip of what a 304 confirmed, under the updated head.
  func refreshCoded(_ before: CachedObject) {
    storedHead.varyByCoding()
    coded = CachedObject(
      refreshing: before, head: storedHead.inGzip, freshness: freshness, arrival: arrival,
      filledSequence: filledSequence)
  }
}
