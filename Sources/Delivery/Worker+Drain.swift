internal import Bytes
internal import Loop
internal import Origin

// The clean end of a worker.
extension Worker {
  /// Accepts no more, closes what is idle, lets running responses finish.
  func beginDrain() {
    guard !isDraining else { return }
    isDraining = true
    for listener in listeners { listener.close(loop: loop) }
    _ = loop.timers.set(
      loop.now + DeliveryLimits.drain, for: Token(bits: WorkerTokens.drain << 56))
    for viewer in viewers where viewer.isOpen {
      if viewer.exchange == nil || viewer.exchange?.step == .receive {
        close(viewer)
      } else {
        viewer.closesAfterResponse = true
      }
    }
    origins.drain()
  }

  /// Time is up: what still runs is reset.
  func endDrain() {
    for viewer in viewers where viewer.isOpen { close(viewer, reset: true) }
    fills.cancelAll()
    loop.stop()
  }
}
