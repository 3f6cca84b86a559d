internal import Bytes
internal import Loop
internal import Telemetry
internal import Wire

extension Worker {
  /// Parses the next head of the connection.
  ///
  /// The head's bytes move to the exchange: a journey may outlive its turn and the input behind
  /// the head, a body or the next request, is then at the front of the connection's queue.
  /// Next: `judge`; `receive` again when more bytes are needed; `record` after a refusal.
  func receive(_ exchange: Exchange, _ viewer: ViewerConnection) -> Step {
    do throws(HeadError) {
      guard let used = try viewer.parser.parse(viewer.inbound.span, into: &head) else {
        if viewer.sawEnd {
          // The rest of this head will never come.
          viewer.inbound.consume(viewer.inbound.count)
          endExchange(viewer)
          markDirty(viewer)
          return .idle
        }
        if viewer.wait != .head { setDeadline(viewer, DeliveryLimits.head, for: .head) }
        return .receive
      }
      keepHead(exchange, viewer, count: used)
    } catch {
      let isTooLarge = error.status == 414 || error.status == 431
      telemetry.add(to: isTooLarge ? .requestTooLarge : .requestBadHead)
      exchange.detail = isTooLarge ? .requestTooLarge : .badRequest
      if error.status == 405 { exchange.detail = .methodRefused }
      viewer.closesAfterResponse = true
      viewer.isLingering = true
      return refuse(exchange, viewer, status: error.status, error.reason)
    }
    exchange.started = loop.now
    exchange.method = head.method
    exchange.minorVersion = head.minorVersion
    exchange.requestBody = head.framing
    exchange.expectsContinue = head.expectsContinue
    if !head.keepAlive { viewer.closesAfterResponse = true }
    return .judge
  }

  /// Copies the head's bytes to the exchange; a pooled exchange has the capacity already.
  private func keepHead(_ exchange: Exchange, _ viewer: ViewerConnection, count: Int) {
    unsafe exchange.savedHead.keep(UnsafeRawBufferPointer(rebasing: viewer.inbound.bytes[..<count]))
    viewer.inbound.consume(count)
  }

  /// Parses the kept head again: the scratch belongs to whoever is served at the moment.
  func readAgain(_ exchange: Exchange) {
    var parser = RequestHeadParser()
    do throws(HeadError) {
      let kept = exchange.savedHead
      let used = try parser.parse(kept.span, into: &head)
      precondition(used == exchange.savedHead.count, "a kept head is no longer a whole head")
    } catch {
      preconditionFailure("a kept head is no longer valid")
    }
  }
}
