internal import Bytes
internal import Origin
internal import Policy
internal import Streams
internal import Wire

// Which live presentation an object belongs to, and which server would be asked for it.
extension Explainer {
  func explainStream(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, site: Int, in explanation: inout Explanation
  ) {
    guard let streams else { return }
    let path = bytes.slice(head.target.path)
    let kind = ObjectKind.guess(contentType: nil, path: path)
    let isManifest = kind.isPlaylist || kind == .dashManifest
    let mark = EpochMark.find(in: bytes.slice(head.target.query))
    guard let row = streams.row(ofPath: path, site: site, at: now) else { return }
    let naming = StreamNaming(snapshot: snapshot)
    explanation.add("stream", StreamReport(naming: naming).line(of: row))
    if snapshot.origins[row.origin].shadow {
      return explanation.add(
        "server", "any, as the origin's policy says",
        because: "shadow = true: what would be done is noted, and nothing is")
    }
    guard
      let route = streams.route(path, site: site, mark: mark, isManifest: isManifest, at: now)
    else { return }
    explanation.add(
      "server", naming.server(route.server, ofOrigin: row.origin),
      because: isManifest
        ? manifestReason(route, row, naming, streams) : mediaReason(route, mark, row))
    guard isManifest else {
      var copy: [UInt8] = []
      for index in path.indices { copy.append(path[index]) }
      return explainSegment(
        StreamBook.SegmentQuestion(site: site, path: copy, mark: mark, now: now, wall: wall),
        streams, in: &explanation)
    }
    let switches = streams.switches
    explanation.add(
      "guard", switches.isOn(.guards, origin: row.origin) ? "on" : "off",
      because: switches.isOn(.guards, origin: row.origin)
        ? "a playlist that goes back is withheld until a second look shows a restart"
        : "an operator switched it off: a playlist that goes back passes")
    if switches.isOn(.rewrite, origin: row.origin) {
      explanation.add(
        "rewrite", "on", because: "absolute URLs of the origin's servers become paths")
    }
    explanation.add(
      "hold", switches.isOn(.hold, origin: row.origin) ? "on" : "off",
      because: snapshot.origins[row.origin].servers.count < 2
        ? "the origin has one server: playlists wait for nothing"
        : switches.isOn(.hold, origin: row.origin)
          ? "a playlist waits for its newest segments, half a target duration at most"
          : "an operator switched it off: playlists wait for nothing")
  }

  private func explainSegment(
    _ question: StreamBook.SegmentQuestion, _ streams: StreamBook,
    in explanation: inout Explanation
  ) {
    switch streams.standing(of: question) {
    case .named(let newest):
      explanation.add(
        "segment", "should be there", because: "the newest that is listed or due is \(newest)")
    case .beyond(let newest):
      explanation.add(
        "segment", "beyond the newest",
        because: (newest.map { "that is \($0); " } ?? "")
          + "the origin is asked for one such segment at a time")
    case .missing:
      explanation.add(
        "segment", "not yet: 404 without a question",
        because: "the origin said a moment ago that it, or an earlier one, is not there")
    case nil: return
    }
  }

  private func manifestReason(
    _ route: StreamBook.Route, _ row: StreamRow, _ naming: StreamNaming, _ streams: StreamBook
  ) -> String {
    if !route.passedOver.isEmpty {
      return "\(naming.server(row.server, ofOrigin: row.origin)), which the presentation comes "
        + "from, is down"
    }
    if let pinned = row.pinned {
      return pinned == row.server
        ? "an operator pinned the presentation to it"
        : "the presentation goes over to \(naming.server(pinned, ofOrigin: row.origin)), to which "
          + "it is pinned, once that can go on"
    }
    if streams.isDrained(row.server, ofOrigin: row.origin, at: now) {
      return "it is drained, and left once another server can go on"
    }
    return row.epoch == 0
      ? "the presentation has come from it from the beginning"
      : "the presentation went over to it, or it began anew: epoch \(row.epoch)"
  }

  private func mediaReason(_ route: StreamBook.Route, _ mark: Int?, _ row: StreamRow) -> String {
    let named =
      mark.map { "its URI carries the mark of epoch \($0)" }
      ?? "its URI carries no mark, as those of the first epoch"
    return route.mayGoElsewhere
      ? named + "; another server of the same timeline may stand in" : named
  }
}
