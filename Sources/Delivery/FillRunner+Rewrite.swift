internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Absolute URLs of the origin, which would lead viewers past the edge, become paths of it.
extension FillRunner {
  /// Whether what this Fill or pass brings is rewritten.
  func rewrites(_ fill: Fill) -> Bool {
    worker.node.streams.switches.isOn(.rewrite, origin: fill.order.fetch.originIndex)
  }

  /// The playlist or manifest of an answer with its URLs rewritten; the head is made to match.
  ///
  /// It comes before anything is decided, so that what it names is known by the paths that viewers
  /// ask for, and two servers that each name themselves are seen to agree.
  func rewrite(
    _ body: [UInt8], of answer: inout ManifestFill.Candidate, _ fill: Fill
  ) -> [UInt8] {
    guard rewrites(fill) else { return body }
    switch urls(fill, of: answer.server).rewriting(body.span) {
    case .unchanged: return body
    case .refused:
      worker.telemetry.add(to: .rewritesRefused)
      return body
    case .rewritten(let text):
      worker.telemetry.add(to: .rewritesMade)
      answer.head.becomeRewritten(text)
      return text
    }
  }

  /// A redirect to the origin becomes one to the edge.
  func rewriteLocation(of head: inout StoredHead, _ fill: Fill) {
    guard (300..<400).contains(head.status), let place = head.first(.location), rewrites(fill),
      let path = urls(fill, of: fill.object.server).path(of: head.block.span.slice(place))
    else { return }
    worker.telemetry.add(to: .rewritesMade)
    head.replaceFirst(.location, with: path)
  }

  /// The head of an answer for one viewer is here.
  ///
  /// A playlist or manifest that is to be rewritten is gathered first, all else passes as it comes.
  func passBody(_ fill: Fill, head: borrowing ResponseHead, bytes: Span<UInt8>) {
    var passed = StoredHead(passing: head, bytes: bytes, received: worker.loop.wall)
    rewriteLocation(of: &passed, fill)
    fill.head = passed
    fill.keepAtMost = 0
    fill.kind = kind(of: head, bytes: bytes, path: fill.order.path)
    guard head.status == 200, fill.order.fetch.request.method == .get, fill.isManifest,
      rewrites(fill), fill.order.resumes == nil
    else { return admit(fill) }
    let isReadable =
      !head.fields.has(.contentEncoding) && !(fill.manifest?.isTooLong ?? false)
      && (fill.length ?? 0) <= DeliveryLimits.playlistBytes
    guard isReadable else {
      worker.telemetry.add(to: .rewritesRefused)
      return admit(fill)
    }
    fill.holdsHead = true
    beginGathering(fill)
  }

  private func urls(_ fill: Fill, of server: Int) -> OriginURLs {
    let order = fill.order.fetch
    return order.snapshot.origins[order.originIndex].urls(of: server)
  }
}

extension Fill {
  /// Its answer is a playlist or manifest.
  var isManifest: Bool { kind.isPlaylist || kind == .dashManifest }
}
