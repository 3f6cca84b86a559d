internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// A body that broke off: the rest is asked for, and goes on where it is proven to be the same.
extension FillRunner {
  /// Asks for the rest of a body that broke off, at once and then a little later; false where
  /// nothing could prove that the rest belongs to it, or enough was tried.
  ///
  /// The proof is a strong entity tag under If-Range (RFC 9110 section 13.1.5): without it the
  /// transfer is aborted, never stitched. The rest comes from the same server, for a tag speaks of
  /// one server's bytes; from any server of the origin only where `twins = "same-bytes"` says that
  /// their tags do as well. Readers notice nothing but a pause.
  func resumesBody(_ fill: Fill, after failure: FetchFailure) -> Bool {
    guard fill.phase == .streaming, fill.resumptions < DeliveryLimits.resumptionsMax,
      FillRunner.mayGoOn(after: failure.kind, isResuming: fill.rest != nil),
      !fill.order.isPass, fill.extent == nil, fill.assembly == nil, fill.slice == nil,
      fill.copies == nil, let head = fill.head, head.status == 200
    else { return false }
    let tag = head.entityTag
    let bytes = Array(head.block[Int(tag.start)..<tag.end])
    guard Validators(entityTag: bytes).isStrong, worker.origins.takeRetry(of: fill.order.fetch)
    else { return false }
    if let fetch = fill.fetch { forget(fetch) }
    fill.fetch = nil
    let gathered = fill.manifest.map { UInt64($0.bytes.count) }
    fill.rest = (fill.isGathering ? gathered ?? 0 : fill.object.body.count, bytes)
    fill.resumptions += 1
    if fill.resumptions == 1 {
      askForRest(fill)
    } else {
      let doublings = fill.resumptions - 2
      setTimer(fill, after: Milliseconds(DeliveryLimits.resumptionPause.count << doublings))
    }
    return true
  }

  /// Sends the request for the rest.
  func askForRest(_ fill: Fill) {
    guard let rest = fill.rest else { return }
    var order = fill.order.fetch
    order.condition = .resume(offset: rest.offset, entityTag: rest.entityTag)
    let origin = order.snapshot.origins[order.originIndex]
    if origin.twins != .sameBytes {
      order.preferredServer = fill.object.server
      order.mayGoElsewhere = false
    }
    fetch(fill, order)
  }

  /// The head of the answer to that: it goes on, or all ends here.
  func goOn(
    _ fill: Fill, _ rest: (offset: UInt64, entityTag: [UInt8]), head: borrowing ResponseHead,
    bytes: Span<UInt8>
  ) {
    guard FillRunner.continues(rest, head, bytes), let field = head.fields.first(.contentRange),
      let range = ContentRange(bytes.slice(field)), let length = range.length,
      range.range?.last == length - 1, fill.length.map({ $0 == length }) ?? true,
      FillRunner.length(of: head.framing).map({ $0 == length - rest.offset }) ?? true
    else {
      worker.telemetry.add(to: .fillResumptionsRefused)
      return refuseRest(fill)
    }
    fill.rest = nil
    fill.length = length
    worker.telemetry.add(to: .fillResumptions)
    fill.object.noteDecision(AccessDetail.resumed.rawValue)
  }

  /// Whether a failure says nothing of the bytes that came before it.
  private static func mayGoOn(after kind: FetchFailure.Kind, isResuming: Bool) -> Bool {
    switch kind {
    case .reset, .truncated, .stalled: true
    case .refused, .connectTimedOut, .firstByteTimedOut: isResuming
    case .unresolved, .badHead, .headTooLarge, .badChunk, .uploadBroken, .overLimit,
      .originBusy:
      false
    }
  }
}
