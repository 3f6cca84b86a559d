/// The EXT-X-KEY lines in force at a place of a playlist.
///
/// - Source: RFC 8216bis §4.4.4.4: a key lasts until the next one of the same KEYFORMAT; METHOD
///   NONE ends them all, as players take it.
struct PlaylistKeys {
  private struct Key {
    var line: [UInt8]
    var format: [UInt8]
    var isNone: Bool
    /// Whole resources are encrypted, initialization sections too: AES-128 and its kin.
    var isOfWholeResources: Bool

    init(_ line: Span<UInt8>) {
      self.line = line.copied() + [UInt8(ascii: "\n")]
      let method = PlaylistAttributes.value(of: "METHOD", in: line) ?? 0..<0
      isNone = line.extracting(method).equals("NONE")
      isOfWholeResources = line.extracting(method).starts(with: "AES-")
      let format = PlaylistAttributes.value(of: "KEYFORMAT", in: line).map {
        line.extracting($0).copied()
      }
      self.format = format ?? Array("identity".utf8)
    }
  }

  /// The line that ends all keys.
  static let none = Array("#EXT-X-KEY:METHOD=NONE\n".utf8)

  private var keys: [Key] = []
  private var joined: [UInt8]?
  private var joinedBytes = 0

  /// No keys.
  init() {}

  /// The keys that `lines` puts in force: what `lines()` returned.
  init(_ lines: [UInt8]) {
    let span = lines.span
    var walk = PlaylistLines()
    while let line = walk.next(in: span) { keys.append(Key(span.extracting(line))) }
  }

  /// Takes the next key; `line` is without the blanks around it.
  ///
  /// - Returns: `false` beyond what is kept: the keys cannot be told any more.
  mutating func add(_ line: Span<UInt8>) -> Bool {
    guard line.count <= StreamsLimits.uriLineBytesMax else { return false }
    let key = Key(line)
    keys.removeAll { key.isNone || $0.isNone || $0.format == key.format }
    keys.append(key)
    joined = nil
    return keys.count <= StreamsLimits.keyLinesMax
  }

  /// The lines in force, each with its line end.
  ///
  /// - Returns: `nil` beyond what is kept.
  mutating func lines() -> [UInt8]? {
    if let joined { return joined }
    let lines = Array(keys.map(\.line).joined())
    joinedBytes += lines.count
    guard joinedBytes <= StreamsLimits.playlistBytesMax else { return nil }
    joined = lines
    return lines
  }

  /// Whether a map under these keys is encrypted.
  var areOfWholeResources: Bool { keys.contains { $0.isOfWholeResources } }

  /// Whether none of these keys lasts where `other` is stated behind them.
  func end(at other: PlaylistKeys) -> Bool {
    keys.allSatisfy { key in
      key.isNone || other.keys.contains { $0.isNone || $0.format == key.format }
    }
  }
}
