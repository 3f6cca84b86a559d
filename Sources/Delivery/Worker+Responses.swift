internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

/// What Content-Range is to say.
enum ContentRangeText {
  case part(ResolvedRange, length: UInt64?)
  case openEnded(first: UInt64)
  case unsatisfied(length: UInt64?)
}

// Heads of responses: the stored block, then the tail that is made anew.
extension Worker {
  /// Writes the head of the answer behind whatever the connection has gathered.
  func writeHead(
    _ exchange: Exchange, _ viewer: ViewerConnection, _ object: CachedObject,
    contentLength: UInt64?, range: ContentRangeText?
  ) {
    let needed =
      object.head.block.count + object.head.via.count + object.head.cacheStatus.count
      + object.head.withheld.count + DeliveryLimits.addedHeadBytes
      + (snapshot.cache.showsKey ? 2 * object.keyText.count : 0)
    let room = unsafe viewer.outbound.room(needed, from: chunks)
    var writer = unsafe HeadWriter(room)
    writer.appendStatusLine(exchange.status)
    if exchange.status == object.head.status {
      writer.append(object.head.block.span)
    } else if let multipart = exchange.plan?.multipart {
      object.head.write(without: .contentType, into: &writer)
      writer.append("Content-Type: ")
      multipart.appendContentType(to: &writer)
      writer.append("\r\n")
    } else {
      object.head.write(for: exchange.status, into: &writer)
    }
    if let contentLength, statesLength(exchange, object) {
      writer.appendField("Content-Length", decimal: contentLength)
    }
    if getsWithheld(exchange, object) { writer.append(object.head.withheld.span) }
    if exchange.framing == .chunked { writer.append("Transfer-Encoding: chunked\r\n") }
    if let range { append(range, to: &writer) }
    if !object.isPrivate {
      writer.appendField("Age", decimal: object.ageSeconds(at: loop.now))
    }
    appendVia(object.head.via, to: &writer)
    appendCacheStatus(exchange, object, to: &writer)
    appendConnection(exchange, viewer, to: &writer)
    writer.endHead()
    precondition(!writer.hasOverflowed, "a response head was longer than its room")
    viewer.outbound.filled(writer.count)
    exchange.headWritten = true
  }

  /// 204 and 304 say no length (RFC 9110 section 8.6); a passed answer to HEAD says the origin's.
  private func statesLength(_ exchange: Exchange, _ object: CachedObject) -> Bool {
    if exchange.status == 204 || exchange.status == 304 { return false }
    return !object.isPrivate || exchange.method != .head
  }

  /// What `private="..."` and `no-cache="..."` list is for the viewer who caused the answer alone
  /// (RFC 9111 sections 5.2.2.4 and 5.2.2.7), and not if his Cookie was left out: the answer to an
  /// anonymous request would put a new session in place of his.
  private func getsWithheld(_ exchange: Exchange, _ object: CachedObject) -> Bool {
    !object.head.withheld.isEmpty && exchange.isFollowing && object.initiator == exchange.id
      && exchange.status != 304 && !head.fields.has(.cookie)
  }

  private func append(_ range: ContentRangeText, to writer: inout HeadWriter) {
    writer.append("Content-Range: bytes ")
    switch range {
    case .part(let part, let length):
      writer.append(decimal: part.first)
      writer.append("-")
      writer.append(decimal: part.last)
      writer.append("/")
      if let length { writer.append(decimal: length) } else { writer.append("*") }
    case .openEnded(let first):
      writer.append(decimal: first)
      writer.append("-")
      writer.append(decimal: RangeRequest.openEndedLast)
      writer.append("/*")
    case .unsatisfied(let length):
      writer.append("*/")
      writer.append(decimal: length ?? 0)
    }
    writer.append("\r\n")
  }

  private func appendVia(_ upstream: [UInt8], to writer: inout HeadWriter) {
    writer.append("Via: ")
    if !upstream.isEmpty {
      writer.append(upstream.span)
      writer.append(", ")
    }
    writer.append("1.1 ")
    snapshot.appendNodeName(to: &writer)
    writer.append("\r\n")
  }

  private func appendCacheStatus(
    _ exchange: Exchange, _ object: CachedObject, to writer: inout HeadWriter
  ) {
    writer.append("Cache-Status: ")
    if !object.head.cacheStatus.isEmpty {
      writer.append(object.head.cacheStatus.span)
      writer.append(", ")
    }
    exchange.cacheStatus(of: object, now: loop.now).append(to: &writer, snapshot: snapshot)
    if snapshot.cache.showsKey, !object.isPrivate {
      let key = object.keyText
      CacheStatus.append(key: key.span, to: &writer)
    }
    writer.append("\r\n")
  }

  /// What the cache had to do with an error of the node's own, and which one it is.
  private func appendRefusalStatus(_ exchange: Exchange, to writer: inout HeadWriter) {
    guard let status = exchange.refusalStatus else { return }
    writer.append("Cache-Status: ")
    status.append(to: &writer, snapshot: snapshot)
    if exchange.isForwarded, exchange.detail != .none {
      writer.appendParameter("detail", token: exchange.detail.label)
    }
    writer.append("\r\n")
  }

  private func appendConnection(
    _ exchange: Exchange, _ viewer: ViewerConnection, to writer: inout HeadWriter
  ) {
    if viewer.closesAfterResponse {
      writer.append("Connection: close\r\n")
    } else if exchange.minorVersion == 0 {
      writer.append("Connection: keep-alive\r\n")
    }
  }

  /// Answers with an error of the node's own: one sentence that says what is wrong.
  func refuse(
    _ exchange: Exchange, _ viewer: ViewerConnection, status: UInt16, _ reason: StaticString
  ) -> Step {
    if exchange.cache == .none, exchange.site >= 0 { exchange.cache = .error }
    exchange.status = status
    let room = unsafe viewer.outbound.room(DeliveryLimits.addedHeadBytes, from: chunks)
    var writer = unsafe HeadWriter(room)
    writer.appendStatusLine(status)
    writer.append("Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n")
    writer.appendField("Content-Length", decimal: UInt64(reason.utf8CodeUnitCount + 1))
    writer.appendField("Date", date: HTTPDate(seconds: loop.wall.seconds))
    if status == 405 {
      writer.append("Allow: GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH\r\n")
    }
    if status == 503 || status == 504 { writer.append("Retry-After: 1\r\n") }
    appendVia([], to: &writer)
    appendRefusalStatus(exchange, to: &writer)
    appendConnection(exchange, viewer, to: &writer)
    writer.endHead()
    if exchange.method != .head {
      writer.append(reason)
      writer.append("\n")
      exchange.bodySent = UInt64(reason.utf8CodeUnitCount + 1)
    }
    precondition(!writer.hasOverflowed, "an error response was longer than its room")
    viewer.outbound.filled(writer.count)
    return .record
  }

  /// Only-if-cached found nothing (RFC 9111 section 5.2.1.7).
  func refuse504(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    exchange.cache = .error
    return refuseUnread(
      exchange, viewer, status: 504, "Nothing is stored, and only the cache was asked.")
  }

  /// Refuses whatever the connection was about to ask, outside a journey: a time-out.
  func refuseNow(_ viewer: ViewerConnection, status: UInt16, detail: AccessDetail) {
    if viewer.exchange == nil { beginExchange(viewer) }
    guard let exchange = viewer.exchange else { return }
    exchange.detail = detail
    viewer.closesAfterResponse = true
    viewer.isLingering = true
    if exchange.headWritten {
      exchange.isAborted = true
      return finishAborted(exchange, viewer)
    }
    exchange.step = refuse(exchange, viewer, status: status, "The request took too long.")
    travel(viewer)
    markDirty(viewer)
  }

  /// Appends constant text to what the connection has gathered.
  func append(_ text: StaticString, to viewer: ViewerConnection) {
    let room = unsafe viewer.outbound.room(text.utf8CodeUnitCount, from: chunks)
    var writer = unsafe HeadWriter(room)
    writer.append(text)
    viewer.outbound.filled(writer.count)
  }

  /// Appends bytes to what the connection has gathered; nothing if they do not fit.
  func append(_ bytes: Span<UInt8>, to viewer: ViewerConnection) {
    let room = unsafe viewer.outbound.room(bytes.count, from: chunks)
    var writer = unsafe HeadWriter(room)
    writer.append(bytes)
    if !writer.hasOverflowed { viewer.outbound.filled(writer.count) }
  }

  /// Appends the size line of a chunk.
  func appendChunkSize(_ count: Int, to viewer: ViewerConnection) {
    let room = unsafe viewer.outbound.room(24, from: chunks)
    var writer = unsafe HeadWriter(room)
    writer.append(hexadecimal: UInt64(count))
    writer.append("\r\n")
    viewer.outbound.filled(writer.count)
  }
}
