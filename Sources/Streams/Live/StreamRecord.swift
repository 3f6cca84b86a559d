public import Bytes

/// What is written down of one live playlist, so that a node that restarts goes on where it was.
///
/// Small, for it is written with every change: which server its presentation comes from and how it
/// is numbered, never what it listed.
public struct StreamRecord: Equatable, Sendable {
  /// The playlist's name: the hash of its key.
  public var name: Hash128
  /// The hash of its site's name.
  public var site: UInt64
  /// The path of its presentation.
  public var root: [UInt8]
  /// Its own path.
  public var path: [UInt8]
  /// The epoch of what was sent last.
  public var epoch: UInt32
  /// The hashes of the servers' names of the last epochs, the present one last; at least one.
  public var servers: [UInt64]
  /// How the epoch is numbered.
  public var numbering = EpochNumbering()
  /// EXT-X-MEDIA-SEQUENCE as sent last.
  public var mediaSequence: UInt64 = 0
  /// EXT-X-DISCONTINUITY-SEQUENCE as sent last.
  public var discontinuitySequence: UInt64 = 0
  /// The newest segment that was sent.
  public var edge: RenditionHistory.Edge
  /// When that was first seen, in Unix time.
  public var changedAt: WallTime

  /// A record of a playlist that was sent.
  public init(
    name: Hash128, site: UInt64, root: [UInt8], path: [UInt8], epoch: UInt32, servers: [UInt64],
    edge: RenditionHistory.Edge, changedAt: WallTime
  ) {
    self.name = name
    self.site = site
    self.root = root
    self.path = path
    self.epoch = epoch
    self.servers = servers
    self.edge = edge
    self.changedAt = changedAt
  }

  private static let version: UInt64 = 1

  /// The bytes of the record; `nil` for one whose paths are longer than
  /// `StreamsLimits.recordBytesMax` has room for.
  public var encoded: [UInt8]? {
    var writer = RecordWriter()
    let servers = servers.suffix(StreamsLimits.recordServersMax)
    let numbers: [UInt64] = [
      Self.version, name.low, name.high, site, UInt64(epoch), UInt64(servers.count),
    ]
    for number in numbers + servers { writer.add(number) }
    writer.add(numbering.offset)
    writer.add(numbering.discontinuityOffset)
    writer.add(numbering.cut)
    writer.add((numbering.breaks ? 1 : 0) | (edge.end == nil ? 0 : 2) as UInt64)
    writer.add(mediaSequence)
    writer.add(discontinuitySequence)
    writer.add(edge.number)
    writer.add(edge.discontinuity)
    writer.add(edge.end?.count ?? 0 as Int64)
    writer.add(changedAt.milliseconds)
    for text in [root, path] { writer.add(text) }
    return writer.bytes.count <= StreamsLimits.recordBytesMax ? writer.bytes : nil
  }

  /// Reads a record; `nil` for what is none.
  ///
  /// - Parameter bytes: What `encoded` gave.
  public init?(_ bytes: Span<UInt8>) {
    var reader = RecordReader()
    guard reader.number(bytes) == Self.version, let low = reader.number(bytes),
      let high = reader.number(bytes), let site = reader.number(bytes),
      let epoch = reader.number(bytes).flatMap(UInt32.init(exactly:)),
      let servers = reader.servers(bytes)
    else { return nil }
    var numbers: [UInt64] = []
    for _ in 0..<10 {
      guard let number = reader.number(bytes) else { return nil }
      numbers.append(number)
    }
    guard let root = reader.text(bytes), let path = reader.text(bytes),
      reader.position == bytes.count
    else { return nil }
    let hasEnd = numbers[3] & 2 != 0
    self.init(
      name: Hash128(low: low, high: high), site: site, root: root, path: path, epoch: epoch,
      servers: servers,
      edge: RenditionHistory.Edge(
        number: numbers[6], discontinuity: numbers[7],
        end: hasEnd ? Milliseconds(Int64(bitPattern: numbers[8])) : nil),
      changedAt: WallTime(milliseconds: Int64(bitPattern: numbers[9])))
    numbering.offset = Int64(bitPattern: numbers[0])
    numbering.discontinuityOffset = Int64(bitPattern: numbers[1])
    numbering.cut = numbers[2]
    numbering.breaks = numbers[3] & 1 != 0
    mediaSequence = numbers[4]
    discontinuitySequence = numbers[5]
  }
}
