public import Bytes

/// What is written down of one live DASH presentation, so that a node that restarts goes on where
/// it was.
///
/// Larger than the record of a playlist, for periods that were sent may not move: it holds the
/// manifest that was sent last.
public struct ManifestRecord: Sendable {
  /// The presentation: the hash of its path and site.
  public var name: Hash128
  /// The hash of its site's name.
  public var site: UInt64
  /// Its path.
  public var root: [UInt8]
  /// The epoch of what was sent last.
  public var epoch: UInt32
  /// The hashes of the servers' names of the last epochs, the present one last; at least one.
  public var servers: [UInt64]
  /// When its newest segment was first seen, in Unix time.
  public var changedAt: WallTime
  /// What was sent, and how it goes on.
  public var bridge: ManifestBridge

  /// A record of a manifest that was sent.
  public init(
    name: Hash128, site: UInt64, root: [UInt8], epoch: UInt32, servers: [UInt64],
    changedAt: WallTime, bridge: ManifestBridge
  ) {
    self.name = name
    self.site = site
    self.root = root
    self.epoch = epoch
    self.servers = servers
    self.changedAt = changedAt
    self.bridge = bridge
  }

  private static let version: UInt64 = 1

  /// The bytes of the record; `nil` where they are more than
  /// `StreamsLimits.manifestRecordBytesMax`.
  public var encoded: [UInt8]? {
    var writer = RecordWriter()
    let servers = servers.suffix(StreamsLimits.recordServersMax)
    let numbers: [UInt64] = [
      Self.version, name.low, name.high, site, UInt64(epoch), UInt64(servers.count),
    ]
    for number in numbers + servers { writer.add(number) }
    writer.add(changedAt.milliseconds)
    writer.add(root)
    bridge.add(to: &writer)
    return writer.bytes.count <= StreamsLimits.manifestRecordBytesMax ? writer.bytes : nil
  }

  /// Reads a record; `nil` for what is none.
  ///
  /// - Parameter bytes: What `encoded` gave.
  public init?(_ bytes: Span<UInt8>) {
    var reader = RecordReader()
    guard reader.number(bytes) == Self.version, let low = reader.number(bytes),
      let high = reader.number(bytes), let site = reader.number(bytes),
      let epoch = reader.number(bytes).flatMap(UInt32.init(exactly:)),
      let servers = reader.servers(bytes),
      let changedAt = reader.signed(bytes, within: StreamsLimits.manifestTimeMax.count),
      let root = reader.text(bytes), let bridge = ManifestBridge(&reader, bytes),
      reader.position == bytes.count
    else { return nil }
    self.init(
      name: Hash128(low: low, high: high), site: site, root: root, epoch: epoch,
      servers: servers, changedAt: WallTime(milliseconds: changedAt), bridge: bridge)
  }
}
