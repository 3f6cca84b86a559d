/// What a line of a media playlist is to those who write playlists.
enum PlaylistTag {
  /// A tag about the playlist as a whole, which may stand anywhere.
  case header
  /// A number of the playlist that is written anew: media sequence, discontinuity sequence, skip.
  case number
  case endlist
  case discontinuity
  case map
  case key
  case byteRange
  case part
  case extinf
  /// Another tag about a segment or what comes behind the last.
  case segment
  case uri
  /// A comment, an unknown tag or an empty line.
  case other

  /// Recognizes a line by its front, cut and trimmed as `PlaylistLines.front` does.
  init(_ front: Span<UInt8>) {
    if front.isEmpty {
      self = .other
    } else if front[0] != UInt8(ascii: "#") {
      self = .uri
    } else if front.starts(with: "#EXTINF:") {
      self = .extinf
    } else if front.starts(with: "#EXT-X-") {
      self = Self.ofSegment(front.from(7)) ?? Self.ofPlaylist(front.from(7))
    } else {
      self = .other
    }
  }

  private static func ofSegment(_ name: Span<UInt8>) -> PlaylistTag? {
    if name.starts(with: "PART:") { return .part }
    if name.starts(with: "BYTERANGE:") { return .byteRange }
    if name.equals("DISCONTINUITY") { return .discontinuity }
    if name.starts(with: "KEY:") { return .key }
    if name.starts(with: "MAP:") { return .map }
    let isOther =
      name.starts(with: "PROGRAM-DATE-TIME:") || name.equals("GAP")
      || name.starts(with: "BITRATE:") || name.starts(with: "PRELOAD-HINT:")
      || name.starts(with: "RENDITION-REPORT:")
    return isOther ? .segment : nil
  }

  private static func ofPlaylist(_ name: Span<UInt8>) -> PlaylistTag {
    if name.starts(with: "MEDIA-SEQUENCE:") || name.starts(with: "DISCONTINUITY-SEQUENCE:")
      || name.starts(with: "SKIP:")
    {
      return .number
    }
    if name.equals("ENDLIST") { return .endlist }
    let isHeader =
      name.starts(with: "TARGETDURATION:") || name.starts(with: "VERSION:")
      || name.starts(with: "SERVER-CONTROL:") || name.starts(with: "PART-INF:")
      || name.starts(with: "PLAYLIST-TYPE:") || name.starts(with: "DEFINE:")
      || name.starts(with: "START:") || name.starts(with: "ALLOW-CACHE:")
      || name.equals("I-FRAMES-ONLY") || name.equals("INDEPENDENT-SEGMENTS")
    return isHeader ? .header : .other
  }
}
