/// An HLS multivariant playlist: the renditions that a viewer may choose from.
///
/// URIs are the bytes that stand in the playlist, without quotes: neither resolved nor checked,
/// variables not replaced.
///
/// - Source: RFC 8216bis §4.4.6.
public struct MultivariantPlaylist: Equatable, Sendable {
  /// EXT-X-STREAM-INF, each with the URI behind it.
  public var variants: [Variant] = []
  /// EXT-X-MEDIA.
  public var media: [MediaRendition] = []

  /// A playlist that says nothing.
  public init() {}

  /// Reads a whole playlist, tolerant as `MediaPlaylist.read` is.
  ///
  /// - Parameter body: The playlist, unencoded and in one piece.
  /// - Returns: `nil` for what is no multivariant playlist: no `#EXTM3U` in front, tags of a media
  ///   playlist, or more of anything than `StreamsLimits` allows.
  public static func read(_ body: Span<UInt8>) -> MultivariantPlaylist? {
    MultivariantPlaylistReader.read(body)
  }
}

/// One variant stream.
///
/// - Source: RFC 8216bis §4.4.6.2 (EXT-X-STREAM-INF).
public struct Variant: Equatable, Sendable {
  /// The URI of its media playlist, as written.
  public var uri: [UInt8]
  /// BANDWIDTH in bits a second; zero where it cannot be read.
  public var bandwidth: UInt64
  /// AVERAGE-BANDWIDTH in bits a second.
  public var averageBandwidth: UInt64?
  /// AUDIO: the group of audio renditions that belongs to it.
  public var audio: [UInt8]?
  /// CODECS, as written.
  public var codecs: [UInt8]?
  /// The width of RESOLUTION in pixels.
  public var width: Int?
  /// The height of RESOLUTION in pixels.
  public var height: Int?

  /// A variant of which nothing but URI and bandwidth is said.
  public init(uri: [UInt8], bandwidth: UInt64) {
    self.uri = uri
    self.bandwidth = bandwidth
  }
}

/// One rendition of a group: a language, a camera angle, subtitles.
///
/// - Source: RFC 8216bis §4.4.6.1 (EXT-X-MEDIA).
public struct MediaRendition: Equatable, Sendable {
  /// TYPE: `AUDIO`, `VIDEO`, `SUBTITLES` or `CLOSED-CAPTIONS`.
  public var type: [UInt8]
  /// GROUP-ID.
  public var group: [UInt8]
  /// NAME.
  public var name: [UInt8]
  /// The URI of its media playlist, as written; `nil` where the variant itself carries it.
  public var uri: [UInt8]?
  /// DEFAULT: it is played where the viewer chooses nothing.
  public var isDefault: Bool

  /// A rendition of a group.
  public init(
    type: [UInt8], group: [UInt8], name: [UInt8], uri: [UInt8]? = nil, isDefault: Bool = false
  ) {
    self.type = type
    self.group = group
    self.name = name
    self.uri = uri
    self.isDefault = isDefault
  }
}
