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
    let newestFirst = recorder.records().sorted { $0.epoch > $1.epoch }
    for record in newestFirst {
      guard
        let (key, fresh) = presentation(
          record.root, record.site, record.servers, record.epoch, snapshot, at: now,
          isRuled: true)
      else { continue }
      restored[key, default: fresh].restore(record, at: now, wall: wall)
    }
    for record in recorder.manifestRecords() {
      guard
        let (key, fresh) = presentation(
          record.root, record.site, record.servers, record.epoch, snapshot, at: now)
      else { continue }
      restored[key, default: fresh].restore(record, at: now, wall: wall)
    }
    return restored
  }

  /// A presentation as a record knows it: its key, its servers and its epoch.
  ///
  /// Rules name those of playlists only.
  private static func presentation(
    _ root: [UInt8], _ siteName: UInt64, _ names: [UInt64], _ epoch: UInt32, _ snapshot: Snapshot,
    at now: Instant, isRuled: Bool = false
  ) -> (Hash128, LivePresentation)? {
    let site = (0..<snapshot.siteCount).first { hash(ofSite: $0, in: snapshot) == siteName }
    guard let site else { return nil }
    let servers = snapshot.origins[snapshot.site(site).origin].servers.map(hash(of:))
    let places = names.map { name in servers.firstIndex(of: name) }
    guard let last = places.last, let server = last else { return nil }
    let root = isRuled ? self.root(of: root, site: site, in: snapshot) : root
    var presentation = LivePresentation(root: root, server: server, at: now)
    presentation.site = site
    presentation.follow(places.map { $0 ?? server }, epoch: Int(epoch))
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
    guard Int(record.epoch) == epoch else { return }
    let silence = max(0, wall.milliseconds - record.changedAt.milliseconds)
    var live = LiveManifest(at: now + Milliseconds(-min(silence, OriginLimits.silenceMax.count)))
    live.restore(record.bridge, of: server, epoch: epoch, at: now, wall: wall)
    manifest = live
  }

  /// What is to be written down of the manifest; `nil` where none was sent, or none can go on.
  func manifestRecord(
    name: Hash128, site: UInt64, servers: [UInt64], at question: StreamBook.Question
  ) -> ManifestRecord? {
    guard let manifest, let bridge = manifest.bridge, manifest.sent != nil else { return nil }
    let silence = max(0, (question.now - manifest.changedAt).count)
    return ManifestRecord(
      name: name, site: site, root: root, epoch: UInt32(clamping: epoch),
      servers: self.servers.suffix(StreamsLimits.recordServersMax).map { servers[$0] },
      changedAt: WallTime(milliseconds: question.wall.milliseconds &- silence), bridge: bridge)
  }

  /// Puts a playlist back as it was sent last.
  mutating func restore(_ record: StreamRecord, at now: Instant, wall: WallTime) {
    let silence = max(0, wall.milliseconds - record.changedAt.milliseconds)
    var rendition = LiveRendition(
      path: record.path, at: now + Milliseconds(-min(silence, OriginLimits.silenceMax.count)))
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
