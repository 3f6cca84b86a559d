internal import Bytes
internal import Streams

// What an operator's orders make of a poll, before the rules that hold without them.
extension LivePresentation {
  /// The operator wants another server than the present one: the switch is made at the first poll
  /// at which one of those that are wanted can go on.
  ///
  /// It can once it has what viewers have not seen. Until then what was sent stays true, but no
  /// longer than a playlist may be late; then the present server goes on as if nothing was wanted.
  ///
  /// - Returns: `nil` where the present server is left to the rules.
  mutating func judgeWanted(
    _ poll: PlaylistPoll, _ rendition: inout LiveRendition, _ terms: Terms
  ) -> PlaylistDecision? {
    guard !terms.wanted.isEmpty, !terms.wanted.contains(server) else { return nil }
    var waits: Int?
    for (index, sighting) in poll.sightings.enumerated()
    where terms.wanted.contains(sighting.server) && !sighting.text.hasEndlist {
      let isSame = isSameTimeline(rendition, sighting, terms)
      guard let sent = rendition.sent,
        rendition.lead(of: sighting, isSameTimeline: isSame) != .ahead
      else {
        begin(
          .switched, server: sighting.server, isSeamless: isSame, rendition: rendition.path, terms)
        return send(index, of: poll, &rendition, terms)
      }
      if terms.now - rendition.changedAt < rendition.patience(sent) { waits = index }
    }
    if let next = terms.wanted.first(where: { !poll.hasAsked($0) }) {
      timeline.add(.twinAsked)
      return .ask(server: next)
    }
    return waits.map { resend($0, &rendition, nil) }
  }
}
