internal import Bytes
internal import Cache
internal import Streams
internal import Wire

// Where players of DASH learn the time.
extension FillRunner {
  /// Learns from a manifest that is sent which targets tell players the time; what is stored of
  /// them is dropped.
  func learnClocks(_ fill: Fill, of manifest: Manifest) {
    guard !manifest.timingURLs.isEmpty else { return }
    let kept = fill.order.requestHead
    var asked = RequestHead()
    guard readRequest(fill, into: &asked) else { return }
    let worker = worker
    for url in manifest.timingURLs {
      var target: [UInt8] = []
      // The scheme that viewers see may be that of a proxy in front of the node.
      let isOwn = [false, true].contains { isSecure in
        Reference.resolve(
          url.span, against: asked.target, in: kept.span, isSecure: isSecure, into: &target)
      }
      guard isOwn else { continue }
      let path = target.span.extracting(
        0..<(target.firstIndex(of: UInt8(ascii: "?")) ?? target.count))
      if worker.node.clocks.note(path, site: fill.object.site) {
        invalidate(fill, target, host: kept.span.slice(asked.target.host))
      }
    }
  }

  /// Whether players learn the time from what a Fill fetches.
  func isClock(_ fill: Fill) -> Bool {
    let path = fill.order.path
    return worker.node.clocks.contains(path.span, site: fill.object.site)
  }
}
