internal import Bytes
internal import Cache
internal import Policy
internal import Telemetry
internal import Wire

// A playlist or manifest is compressed once per publication, beside the bytes that it is made of.
extension Worker {
  /// Puts a gzip of a playlist or manifest beside it, before its head is published.
  ///
  /// Viewers who take none, and those who want a range, get the bytes as they are. Without memory
  /// for it everybody does.
  ///
  /// - Parameters:
  ///   - object: What it is of.
  ///   - playlist: What is published; its head says from now on that it varies.
  func attachGzip(to object: CachedObject, _ playlist: inout WrittenPlaylist) {
    let lengths = DeliveryLimits.codedBytesMin...DeliveryLimits.codedBytesMax
    guard playlist.allowsGzip, playlist.head.status == 200, lengths ~= playlist.body.count,
      playlist.head.first(.contentEncoding) == nil, !playlist.head.forbidsTransform,
      let bytes = Gzip.coded(playlist.body)
    else { return }
    guard let body = wholeBody(of: bytes) else { return }
    telemetry.add(to: .gzipsMade)
    playlist.head.varyByCoding()
    object.attachCoded(body, head: playlist.head, length: bytes.count, tags: playlist.tags)
  }

  /// Sends the gzip in place of the object, to whoever takes it and wants no range of it.
  ///
  /// - Returns: Whether it is sent.
  func sendsGzip(_ exchange: Exchange) -> Bool {
    let kept = exchange.savedHead
    guard head.fields.first(.range) == nil, exchange.minorVersion > 0,
      AcceptEncoding(of: head.fields, in: kept.span).gzip > 0,
      let coded = withObject(exchange, { $0.coded })
    else { return false }
    // The log names the server that it came from.
    if exchange.isFollowing { exchange.fetched = exchange.object }
    leave(exchange)
    exchange.hold = .none
    exchange.object = coded
    return true
  }
}
