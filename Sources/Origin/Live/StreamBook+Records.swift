internal import Bytes
internal import Policy
internal import Streams

// What is written down of live presentations, and read when the node starts.
extension StreamBook {
  /// A hash of a server's name: records know servers by it, for places change with the file.
  static func hash(of server: ServerSettings) -> UInt64 {
    let name = Array("\(server.host):\(server.port)\(server.pathPrefix)".utf8)
    return Hash128(of: name.span).low
  }

  static func hash(ofSite index: Int, in snapshot: Snapshot) -> UInt64 {
    Hash128(of: Array(snapshot.siteName(index).utf8).span).low
  }

  /// The presentations that were known when the node stopped, by their keys.
  ///
  /// Those whose server the configuration does not name any more are forgotten.
  static func restored(
    _ records: [StreamRecord], _ snapshot: Snapshot, at now: Instant, wall: WallTime
  ) -> [(key: Hash128, site: Int, presentation: LivePresentation)] {
    var restored: [(key: Hash128, site: Int, presentation: LivePresentation)] = []
    let newestFirst = records.sorted { $0.epoch > $1.epoch }
    for record in newestFirst {
      let site = (0..<snapshot.siteCount).first { hash(ofSite: $0, in: snapshot) == record.site }
      guard let site else { continue }
      let servers = snapshot.origins[snapshot.site(site).origin].servers.map(hash(of:))
      let key = StreamNames.hash(record.root.span, site: site)
      if let known = restored.firstIndex(where: { $0.key == key }) {
        restored[known].presentation.restore(record, at: now, wall: wall)
        continue
      }
      let places = record.servers.map { name in servers.firstIndex(of: name) }
      guard let last = places.last, let server = last else { continue }
      var presentation = LivePresentation(root: record.root, server: server, at: now)
      presentation.follow(places.map { $0 ?? server }, epoch: Int(record.epoch))
      presentation.restore(record, at: now, wall: wall)
      restored.append((key, site, presentation))
    }
    return restored
  }
}

extension LivePresentation {
  /// The servers of the last epochs; earlier ones count as the first of them.
  mutating func follow(_ servers: [Int], epoch: Int) {
    guard let first = servers.first else { return }
    let missing = max(0, min(epoch, OriginLimits.epochsMax) + 1 - servers.count)
    self.servers = Array(repeating: first, count: missing) + servers.suffix(epoch + 1)
  }

  /// Puts a playlist back as it was sent last.
  mutating func restore(_ record: StreamRecord, at now: Instant, wall: WallTime) {
    let silence = max(0, wall.milliseconds - record.changedAt.milliseconds)
    var rendition = LiveRendition(
      path: record.path, at: now + Milliseconds(-min(silence, 86_400_000)))
    rendition.usedAt = now
    rendition.history = RenditionHistory(record)
    renditions[record.name] = rendition
    if Int(record.epoch) == epoch, numbering == nil { numbering = record.numbering }
  }

  /// What is to be written down of a playlist; `nil` where nothing was sent.
  func record(of name: Hash128, site: UInt64, servers: [UInt64], wall: WallTime) -> StreamRecord? {
    guard let rendition = renditions[name], let edge = rendition.history.edge else { return nil }
    var record = StreamRecord(
      name: name, site: site, root: root, path: rendition.path,
      epoch: UInt32(clamping: rendition.history.epoch),
      servers: self.servers.prefix(rendition.history.epoch + 1)
        .suffix(StreamsLimits.recordServersMax).map { servers[$0] },
      edge: edge, changedAt: wall)
    record.numbering = rendition.history.numbering
    record.mediaSequence = rendition.history.mediaSequence
    record.discontinuitySequence = rendition.history.discontinuitySequence
    return record
  }
}
