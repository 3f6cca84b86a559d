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
    _ recorder: StreamRecorder, _ snapshot: Snapshot, at now: Instant, wall: WallTime
  ) -> [Hash128: LivePresentation] {
    var restored: [Hash128: LivePresentation] = [:]
    let newestFirst = recorder.records()
      .sorted { $0.presentation.epoch > $1.presentation.epoch }
    for record in newestFirst {
      guard
        let (key, fresh) = presentation(record.presentation, snapshot, at: now, isRuled: true)
      else { continue }
      restored[key, default: fresh].restore(record, at: now, wall: wall)
    }
    for record in recorder.manifestRecords() {
      guard let (key, fresh) = presentation(record.presentation, snapshot, at: now)
      else { continue }
      restored[key, default: fresh].restore(record, at: now, wall: wall)
    }
    return restored
  }

  /// A presentation as a record knows it: its key, its servers and its epoch.
  ///
  /// Rules name those of playlists only.
  private static func presentation(
    _ record: RecordedPresentation, _ snapshot: Snapshot, at now: Instant, isRuled: Bool = false
  ) -> (Hash128, LivePresentation)? {
    let site = (0..<snapshot.siteCount).first { hash(ofSite: $0, in: snapshot) == record.site }
    guard let site else { return nil }
    let servers = snapshot.origins[snapshot.site(site).origin].servers.map(hash(of:))
    let places = record.servers.map { name in servers.firstIndex(of: name) }
    guard let last = places.last, let server = last else { return nil }
    let root = isRuled ? root(of: record.root, site: site, in: snapshot) : record.root
    var presentation = LivePresentation(root: root, server: server, at: now)
    presentation.site = site
    presentation.follow(places.map { $0 ?? server }, epoch: Int(record.epoch))
    return (StreamNames.hash(root.span, site: site), presentation)
  }
}

extension LivePresentation {
  /// The servers of the last epochs; earlier ones count as the first of them.
  mutating func follow(_ servers: [Int], epoch: Int) {
    guard let first = servers.first else { return }
    let missing = max(0, min(epoch, OriginLimits.epochsMax) + 1 - servers.count)
    self.servers = Array(repeating: first, count: missing) + servers.suffix(epoch + 1)
  }

  /// Puts a manifest back as it was sent last.
  mutating func restore(_ record: ManifestRecord, at now: Instant, wall: WallTime) {
    guard Int(record.presentation.epoch) == epoch else { return }
    var live = LiveManifest(at: record.presentation.changed(now: now, wall))
    live.restore(record.bridge, of: server, epoch: epoch, at: now, wall: wall)
    manifest = live
  }

  /// What is to be written down of the manifest; `nil` where none was sent, or none can go on.
  func manifestRecord(
    name: Hash128, site: UInt64, servers: [UInt64], at question: StreamBook.Question
  ) -> ManifestRecord? {
    guard let manifest, let bridge = manifest.bridge, manifest.sent != nil else { return nil }
    let silence = max(0, (question.now - manifest.changedAt).count)
    let changedAt = WallTime(milliseconds: question.wall.milliseconds &- silence)
    return ManifestRecord(
      presentation: recorded(as: name, site: site, servers: servers, epoch: epoch, changedAt),
      bridge: bridge)
  }

  /// Puts a playlist back as it was sent last.
  mutating func restore(_ record: StreamRecord, at now: Instant, wall: WallTime) {
    let presentation = record.presentation
    var rendition = LiveRendition(path: record.path, at: presentation.changed(now: now, wall))
    rendition.usedAt = now
    rendition.history = RenditionHistory(record)
    renditions[presentation.name] = rendition
    if Int(presentation.epoch) == epoch, numbering == nil { numbering = record.numbering }
  }

  /// What is to be written down of a playlist; `nil` where nothing was sent.
  func record(of name: Hash128, site: UInt64, servers: [UInt64], wall: WallTime) -> StreamRecord? {
    guard let rendition = renditions[name], let edge = rendition.history.edge else { return nil }
    let epoch = rendition.history.epoch
    var record = StreamRecord(
      presentation: recorded(as: name, site: site, servers: servers, epoch: epoch, wall),
      path: rendition.path, edge: edge)
    record.numbering = rendition.history.numbering
    record.mediaSequence = rendition.history.mediaSequence
    record.discontinuitySequence = rendition.history.discontinuitySequence
    return record
  }

  /// The beginning of a record; `servers` are the hashes of their names.
  private func recorded(
    as name: Hash128, site: UInt64, servers: [UInt64], epoch: Int, _ changedAt: WallTime
  ) -> RecordedPresentation {
    let last = self.servers.prefix(epoch + 1).suffix(StreamsLimits.recordServersMax)
    return RecordedPresentation(
      name: name, site: site, root: root, epoch: UInt32(clamping: epoch),
      servers: last.map { servers[$0] }, changedAt: changedAt)
  }
}

extension RecordedPresentation {
  /// When it changed, by a clock that began when the node did.
  fileprivate func changed(now: Instant, _ wall: WallTime) -> Instant {
    let silence = max(0, wall.milliseconds - changedAt.milliseconds)
    return now + Milliseconds(-min(silence, OriginLimits.silenceMax.count))
  }
}
