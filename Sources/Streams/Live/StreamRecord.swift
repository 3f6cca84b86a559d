internal import Bytes

/// What is written down of one live playlist, so that a node that restarts goes on where it was.
///
/// Small, for it is written with every change: which server its presentation comes from and how it
/// is numbered, never what it listed.
public struct StreamRecord: Equatable, Sendable {
  /// The presentation that it belongs to, and its own name.
  public var presentation: RecordedPresentation
  /// Its own path.
  public var path: [UInt8]
  /// How the epoch is numbered.
  public var numbering = EpochNumbering()
  /// EXT-X-MEDIA-SEQUENCE as sent last.
  public var mediaSequence: UInt64 = 0
  /// EXT-X-DISCONTINUITY-SEQUENCE as sent last.
  public var discontinuitySequence: UInt64 = 0
  /// The newest segment that was sent.
  public var edge: RenditionHistory.Edge

  /// A record of a playlist that was sent.
  public init(presentation: RecordedPresentation, path: [UInt8], edge: RenditionHistory.Edge) {
    self.presentation = presentation
    self.path = path
    self.edge = edge
  }

  private static let version: UInt64 = 2

  /// The bytes of the record; `nil` for one whose paths are longer than
  /// `StreamsLimits.recordBytesMax` has room for.
  public var encoded: [UInt8]? {
    var writer = RecordWriter()
    presentation.add(to: &writer, version: Self.version)
    writer.add(path)
    writer.add(numbering.offset)
    writer.add(numbering.discontinuityOffset)
    writer.add(numbering.cut)
    writer.add((numbering.breaks ? 1 : 0) | (edge.end == nil ? 0 : 2) as UInt64)
    writer.add(mediaSequence)
    writer.add(discontinuitySequence)
    writer.add(edge.number)
    writer.add(edge.discontinuity)
    writer.add(edge.end?.count ?? 0 as Int64)
    return writer.bytes.count <= StreamsLimits.recordBytesMax ? writer.bytes : nil
  }

  /// Reads a record; `nil` for what is none.
  ///
  /// - Parameter bytes: What `encoded` gave.
  public init?(_ bytes: Span<UInt8>) {
    var reader = RecordReader()
    guard
      let presentation = RecordedPresentation(&reader, bytes, version: Self.version),
      let path = reader.text(bytes)
    else { return nil }
    var numbers: [UInt64] = []
    for _ in 0..<9 {
      guard let number = reader.number(bytes) else { return nil }
      numbers.append(number)
    }
    guard reader.position == bytes.count, numbers[3] < 4 else { return nil }
    let hasEnd = numbers[3] & 2 != 0
    self.init(
      presentation: presentation, path: path,
      edge: RenditionHistory.Edge(
        number: numbers[6], discontinuity: numbers[7],
        end: hasEnd ? Milliseconds(Int64(bitPattern: numbers[8])) : nil))
    numbering.offset = Int64(bitPattern: numbers[0])
    numbering.discontinuityOffset = Int64(bitPattern: numbers[1])
    numbering.cut = numbers[2]
    numbering.breaks = numbers[3] & 1 != 0
    mediaSequence = numbers[4]
    discontinuitySequence = numbers[5]
  }
}
