import Streams

/// Reads any bytes as a multivariant playlist: never traps, agrees with the facts, keeps the
/// limits.
enum MultivariantProperty {
  static func check(_ bytes: [UInt8]) {
    guard let playlist = MultivariantPlaylist.read(bytes.span) else { return }
    if let facts = PlaylistFacts.read(bytes.span) {
      precondition(facts.isMultivariant, "a media playlist was read as multivariant")
    }
    precondition(MediaPlaylist.read(bytes.span) == nil, "a playlist of both kinds")
    precondition(playlist.variants.count <= StreamsLimits.variantsMax, "too many variants")
    precondition(playlist.media.count <= StreamsLimits.variantsMax, "too many renditions")
    for variant in playlist.variants { checkURI(variant.uri) }
    for rendition in playlist.media {
      if let uri = rendition.uri { checkURI(uri) }
    }
  }

  private static func checkURI(_ uri: [UInt8]) {
    precondition(!uri.isEmpty, "nothing to ask for")
    precondition(uri.count <= StreamsLimits.uriLineBytesMax, "a URI beyond all measure")
    precondition(!uri.contains(UInt8(ascii: "\n")), "a URI of two lines")
  }
}
