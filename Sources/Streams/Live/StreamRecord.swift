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
    var bytes: [UInt8] = []
    let servers = servers.suffix(StreamsLimits.recordServersMax)
    let numbers: [UInt64] = [
      Self.version, name.low, name.high, site, UInt64(epoch), UInt64(servers.count),
    ]
    for number in numbers + servers { append(number, to: &bytes) }
    append(UInt64(bitPattern: numbering.offset), to: &bytes)
    append(UInt64(bitPattern: numbering.discontinuityOffset), to: &bytes)
    append(numbering.cut, to: &bytes)
    append((numbering.breaks ? 1 : 0) | (edge.end == nil ? 0 : 2), to: &bytes)
    append(mediaSequence, to: &bytes)
    append(discontinuitySequence, to: &bytes)
    append(edge.number, to: &bytes)
    append(edge.discontinuity, to: &bytes)
    append(UInt64(bitPattern: edge.end?.count ?? 0), to: &bytes)
    append(UInt64(bitPattern: changedAt.milliseconds), to: &bytes)
    for text in [root, path] {
      append(UInt64(text.count), to: &bytes)
      bytes += text
    }
    return bytes.count <= StreamsLimits.recordBytesMax ? bytes : nil
  }

  private func append(_ number: UInt64, to bytes: inout [UInt8]) {
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift * 8))) }
  }

  /// Reads a record; `nil` for what is none.
  ///
  /// - Parameter bytes: What `encoded` gave.
  public init?(_ bytes: Span<UInt8>) {
    var reader = Reader()
    guard reader.number(bytes) == Self.version, let low = reader.number(bytes),
      let high = reader.number(bytes), let site = reader.number(bytes),
      let epoch = reader.number(bytes).flatMap(UInt32.init(exactly:)),
      let count = reader.number(bytes), (1...UInt64(StreamsLimits.recordServersMax)).contains(count)
    else { return nil }
    var servers: [UInt64] = []
    for _ in 0..<count {
      guard let server = reader.number(bytes) else { return nil }
      servers.append(server)
    }
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

  private struct Reader {
    var position = 0

    mutating func number(_ bytes: Span<UInt8>) -> UInt64? {
      guard bytes.count - position >= 8 else { return nil }
      var number: UInt64 = 0
      for shift in 0..<8 { number |= UInt64(bytes[position + shift]) << UInt64(shift * 8) }
      position += 8
      return number
    }

    mutating func text(_ bytes: Span<UInt8>) -> [UInt8]? {
      guard let count = number(bytes), count <= UInt64(bytes.count - position) else { return nil }
      defer { position += Int(count) }
      return bytes.extracting(position..<(position + Int(count))).copied()
    }
  }
}
