/// What an object is to a player: the row of the default policy that applies to it.
public enum ObjectKind: UInt8, Sendable {
  /// An HLS playlist that was not read yet, or cannot be: `refined(by:)` says which it is.
  case playlist
  /// An HLS playlist of renditions.
  case multivariantPlaylist
  /// An HLS playlist of segments.
  case mediaPlaylist
  /// A DASH manifest.
  case dashManifest
  /// A piece of media, whole files included.
  case segment
  /// The head of an fMP4 rendition, without which no segment of it plays.
  case initSegment
  /// A decryption key.
  case key
  /// Subtitles: WebVTT, TTML.
  case text
  /// A picture: posters and thumbnail tracks.
  case image
  /// Anything else: nothing is assumed about it.
  case other

  /// Guesses the kind of an object from its Content-Type, or else from the suffix of its path.
  ///
  /// A type that says nothing about media (`application/octet-stream`, `text/plain`, XML) leaves
  /// it to the suffix; `text/html` does not: an error page stays one, whatever it is called.
  /// An HLS playlist is `.playlist` until its body was read.
  /// - Parameters:
  ///   - contentType: the field's value, parameters included; `nil` where there is none.
  ///   - path: the path of the target; a query is ignored.
  /// - Returns: `.other` for what neither of them tells.
  public static func guess(contentType: Span<UInt8>?, path: Span<UInt8>) -> ObjectKind {
    let name = fileName(in: path)
    var kind = ofSuffix(suffix(of: name))
    if let contentType, let stated = ofType(mediaType(in: contentType)) { kind = stated }
    if kind == .segment, mayBeInit(suffix(of: name)), namesInit(name) { return .initSegment }
    return kind
  }

  /// This kind, once the playlist itself was read; facts that are `nil` change nothing.
  public func refined(by facts: PlaylistFacts?) -> ObjectKind {
    guard self == .playlist, let facts else { return self }
    return facts.isMultivariant ? .multivariantPlaylist : .mediaPlaylist
  }

  /// Whether the body is an HLS playlist, read or not: feed it to a `PlaylistReader`.
  public var isPlaylist: Bool {
    self == .playlist || self == .multivariantPlaylist || self == .mediaPlaylist
  }

  /// Whether this is immutable media, named by a playlist: segments, subtitles, thumbnails.
  public var isMedia: Bool { self == .segment || self == .text || self == .image }

  private static func ofType(_ type: Span<UInt8>) -> ObjectKind? {
    if type.equals(anyCaseOf: "application/vnd.apple.mpegurl")
      || type.equals(anyCaseOf: "application/x-mpegurl")
      || type.equals(anyCaseOf: "application/mpegurl")
      || type.equals(anyCaseOf: "audio/mpegurl") || type.equals(anyCaseOf: "audio/x-mpegurl")
    {
      return .playlist
    }
    if type.equals(anyCaseOf: "application/dash+xml")
      || type.equals(anyCaseOf: "video/vnd.mpeg.dash.mpd")
    {
      return .dashManifest
    }
    if type.starts(anyCaseOf: "video/") || type.starts(anyCaseOf: "audio/")
      || type.equals(anyCaseOf: "application/mp4")
    {
      return .segment
    }
    if type.equals(anyCaseOf: "text/vtt") || type.equals(anyCaseOf: "application/ttml+xml")
      || type.equals(anyCaseOf: "application/x-subrip")
    {
      return .text
    }
    if type.starts(anyCaseOf: "image/") { return .image }
    if type.equals(anyCaseOf: "text/html") { return .other }
    return nil
  }

  private static func ofSuffix(_ suffix: Span<UInt8>) -> ObjectKind {
    if suffix.equals(anyCaseOf: "m3u8") || suffix.equals(anyCaseOf: "m3u") { return .playlist }
    if suffix.equals(anyCaseOf: "mpd") { return .dashManifest }
    if mayBeInit(suffix) && !suffix.isEmpty || isPlainMedia(suffix) { return .segment }
    if suffix.equals(anyCaseOf: "vtt") || suffix.equals(anyCaseOf: "webvtt")
      || suffix.equals(anyCaseOf: "ttml") || suffix.equals(anyCaseOf: "dfxp")
      || suffix.equals(anyCaseOf: "srt")
    {
      return .text
    }
    if suffix.equals(anyCaseOf: "key") { return .key }
    if suffix.equals(anyCaseOf: "jpg") || suffix.equals(anyCaseOf: "jpeg")
      || suffix.equals(anyCaseOf: "png") || suffix.equals(anyCaseOf: "webp")
      || suffix.equals(anyCaseOf: "avif") || suffix.equals(anyCaseOf: "gif")
    {
      return .image
    }
    return .other
  }

  /// Suffixes of media that has no init segment of its own.
  private static func isPlainMedia(_ suffix: Span<UInt8>) -> Bool {
    suffix.equals(anyCaseOf: "ts") || suffix.equals(anyCaseOf: "m2ts")
      || suffix.equals(anyCaseOf: "aac") || suffix.equals(anyCaseOf: "ac3")
      || suffix.equals(anyCaseOf: "ec3") || suffix.equals(anyCaseOf: "mp3")
  }

  /// Suffixes under which fMP4 and WebM init segments come, and no suffix at all.
  private static func mayBeInit(_ suffix: Span<UInt8>) -> Bool {
    suffix.isEmpty || suffix.equals(anyCaseOf: "m4s") || suffix.equals(anyCaseOf: "mp4")
      || suffix.equals(anyCaseOf: "m4v") || suffix.equals(anyCaseOf: "m4a")
      || suffix.equals(anyCaseOf: "m4f") || suffix.equals(anyCaseOf: "cmfv")
      || suffix.equals(anyCaseOf: "cmfa") || suffix.equals(anyCaseOf: "cmft")
      || suffix.equals(anyCaseOf: "cmfm") || suffix.equals(anyCaseOf: "mov")
      || suffix.equals(anyCaseOf: "webm")
  }

  /// Whether `init` stands in the name as a word: `init-0.m4s`, `video_init.mp4`, not `initial1`.
  private static func namesInit(_ name: Span<UInt8>) -> Bool {
    var index = 0
    while index + 4 <= name.count {
      if name.from(index).starts(anyCaseOf: "init"), index == 0 || !isLetter(name[index - 1]),
        index + 4 == name.count || !isLetter(name[index + 4])
      {
        return true
      }
      index += 1
    }
    return false
  }

  /// The type and subtype, without parameters and white space.
  @_lifetime(copy value)
  private static func mediaType(in value: Span<UInt8>) -> Span<UInt8> {
    var end = 0
    while end < value.count, value[end] != UInt8(ascii: ";") { end += 1 }
    return value.extracting(0..<end).trimmed()
  }

  /// The last component of a path, without query and fragment.
  @_lifetime(copy path)
  private static func fileName(in path: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = 0
    while end < path.count, path[end] != UInt8(ascii: "?"), path[end] != UInt8(ascii: "#") {
      if path[end] == UInt8(ascii: "/") { start = end + 1 }
      end += 1
    }
    return path.extracting(start..<end)
  }

  /// What follows the last dot of a file name; empty where there is none.
  @_lifetime(copy name)
  private static func suffix(of name: Span<UInt8>) -> Span<UInt8> {
    var dot = name.count
    while dot > 0 {
      dot -= 1
      if name[dot] == UInt8(ascii: ".") { return name.from(dot + 1) }
    }
    return name.from(name.count)
  }
}
