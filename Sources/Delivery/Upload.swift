internal import Bytes
internal import Loop
internal import Origin
internal import Wire

/// The body of a request on its way to the origin: streamed, never gathered.
///
/// Pulled by the fetch; what the origin does not take stays in the connection's queue, and when
/// that is full the viewer is no longer read.
final class Upload {
  private let viewer: ViewerReference
  private var decoder: ChunkedDecoder?
  private var left: UInt64
  private var owesContinue: Bool
  private var isBroken = false
  private var isWaiting = false
  /// The whole body has been taken from the connection.
  private(set) var isFinished = false
  /// The fetch that takes it.
  var fetch: FetchID?

  init(_ viewer: ViewerReference, framing: BodyFraming, expectsContinue: Bool) {
    self.viewer = viewer
    owesContinue = expectsContinue
    switch framing {
    case .length(let count):
      left = count
    case .chunked:
      left = 0
      decoder = ChunkedDecoder()
    case .none, .untilClose:
      left = 0
      isFinished = true
    }
  }

  /// The origin takes what is there, as far as `buffer` reaches.
  func take(_ worker: Worker, into buffer: UnsafeMutableRawBufferPointer) -> UploadStep {
    if isFinished { return .end }
    guard !isBroken, let viewer = worker.viewer(viewer) else { return .broken }
    let step =
      decoder == nil
      ? unsafe takePlain(viewer, into: buffer) : unsafe takeChunked(viewer, into: buffer)
    if case .wait = step {
      isWaiting = true
      if owesContinue, viewer.inbound.isEmpty {
        worker.append("HTTP/1.1 100 Continue\r\n\r\n", to: viewer)
        worker.markDirty(viewer)
      }
      owesContinue = false
      worker.setDeadline(viewer, DeliveryLimits.requestBody, for: .body)
    }
    if viewer.inbound.count < DeliveryLimits.readBytes, !viewer.sawEnd {
      worker.setInterest(viewer, viewer.interest.union(.readable))
    }
    if isFinished { worker.clearDeadline(viewer) }
    return step
  }

  /// More of the body is in the connection's queue.
  func bodyArrived(_ worker: Worker) {
    owesContinue = false
    guard isWaiting, let fetch else { return }
    isWaiting = false
    worker.origins.uploadReady(fetch)
  }

  /// The viewer will send no more: an unfinished body can never be finished.
  func bodyBroken(_ worker: Worker) {
    guard !isFinished, !isBroken else { return }
    isBroken = true
    if let fetch { worker.origins.uploadReady(fetch) }
  }

  private func takePlain(
    _ viewer: ViewerConnection, into buffer: UnsafeMutableRawBufferPointer
  ) -> UploadStep {
    let available = UInt64(viewer.inbound.count)
    let count = Int(min(left, min(available, UInt64(buffer.count))))
    guard count > 0 else { return viewer.sawEnd ? .broken : .wait }
    let source = unsafe UnsafeRawBufferPointer(rebasing: viewer.inbound.bytes[..<count])
    unsafe buffer.copyMemory(from: source)
    viewer.inbound.consume(count)
    left -= UInt64(count)
    isFinished = left == 0
    return .bytes(count)
  }

  private func takeChunked(
    _ viewer: ViewerConnection, into buffer: UnsafeMutableRawBufferPointer
  ) -> UploadStep {
    var filled = 0
    while filled < buffer.count, !viewer.inbound.isEmpty {
      var position = 0
      // The decoder is shown no more than fits, so that it never hands out more than is copied.
      let shown = min(viewer.inbound.count, buffer.count - filled)
      do throws(ChunkedError) {
        guard var taken = decoder else { return .broken }
        let bytes = unsafe viewer.inbound.bytes
        let step = try taken.next(
          unsafe Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: bytes[..<shown])),
          at: &position)
        decoder = taken
        switch step {
        case .data(let range):
          let source = unsafe UnsafeRawBufferPointer(rebasing: viewer.inbound.bytes[range])
          unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            .copyMemory(from: source)
          filled += range.count
        case .end: isFinished = true
        case .needMore: break
        }
      } catch {
        isBroken = true
        return .broken
      }
      viewer.inbound.consume(position)
      if isFinished { break }
    }
    if filled > 0 { return .bytes(filled) }
    if isFinished { return .end }
    return viewer.sawEnd ? .broken : .wait
  }
}
