public import Bytes

/// What every record of a live presentation begins with: which one it is, and where it came from.
public struct RecordedPresentation: Equatable, Sendable {
  /// What the record is of: the hash of a playlist's key, or of a manifest's path and site.
  public var name: Hash128
  /// The hash of its site's name.
  public var site: UInt64
  /// The path of the presentation.
  public var root: [UInt8]
  /// The epoch of what was sent last.
  public var epoch: UInt32
  /// The hashes of the servers' names of the last epochs, the present one last; at least one.
  public var servers: [UInt64]
  /// When its newest segment was first seen, in Unix time.
  public var changedAt: WallTime

  /// What is known of a presentation of which something was sent.
  public init(
    name: Hash128, site: UInt64, root: [UInt8], epoch: UInt32, servers: [UInt64],
    changedAt: WallTime
  ) {
    self.name = name
    self.site = site
    self.root = root
    self.epoch = epoch
    self.servers = servers
    self.changedAt = changedAt
  }

  /// Begins a record.
  func add(to writer: inout RecordWriter, version: UInt64) {
    let servers = servers.suffix(StreamsLimits.recordServersMax)
    let numbers = [version, name.low, name.high, site, UInt64(epoch), UInt64(servers.count)]
    for number in numbers + servers { writer.add(number) }
    writer.add(changedAt.milliseconds)
    writer.add(root)
  }

  /// Reads the beginning of a record; `nil` for one of another version, or none.
  init?(_ reader: inout RecordReader, _ bytes: Span<UInt8>, version: UInt64) {
    guard reader.number(bytes) == version, let low = reader.number(bytes),
      let high = reader.number(bytes), let site = reader.number(bytes),
      let epoch = reader.number(bytes).flatMap(UInt32.init(exactly:)),
      let servers = reader.servers(bytes),
      let changedAt = reader.signed(bytes, within: StreamsLimits.manifestTimeMax.count),
      let root = reader.text(bytes)
    else { return nil }
    self.init(
      name: Hash128(low: low, high: high), site: site, root: root, epoch: epoch,
      servers: servers, changedAt: WallTime(milliseconds: changedAt))
  }
}
