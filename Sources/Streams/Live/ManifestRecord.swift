/// What is written down of one live DASH presentation, so that a node that restarts goes on where
/// it was.
///
/// Larger than the record of a playlist, for periods that were sent may not move: it holds the
/// manifest that was sent last.
public struct ManifestRecord: Sendable {
  /// The presentation.
  public var presentation: RecordedPresentation
  /// What was sent, and how it goes on.
  public var bridge: ManifestBridge

  /// A record of a manifest that was sent.
  public init(presentation: RecordedPresentation, bridge: ManifestBridge) {
    self.presentation = presentation
    self.bridge = bridge
  }

  private static let version: UInt64 = 1

  /// The bytes of the record; `nil` where they are more than
  /// `StreamsLimits.manifestRecordBytesMax`.
  public var encoded: [UInt8]? {
    var writer = RecordWriter()
    presentation.add(to: &writer, version: Self.version)
    bridge.add(to: &writer)
    return writer.bytes.count <= StreamsLimits.manifestRecordBytesMax ? writer.bytes : nil
  }

  /// Reads a record; `nil` for what is none.
  ///
  /// - Parameter bytes: What `encoded` gave.
  public init?(_ bytes: Span<UInt8>) {
    var reader = RecordReader()
    guard let presentation = RecordedPresentation(&reader, bytes, version: Self.version),
      let bridge = ManifestBridge(&reader, bytes), reader.position == bytes.count
    else { return nil }
    self.init(presentation: presentation, bridge: bridge)
  }
}
