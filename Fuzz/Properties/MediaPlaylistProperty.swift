import Bytes
import Streams

/// Reads any bytes as a media playlist: never traps, agrees with the facts, keeps the limits.
enum MediaPlaylistProperty {
  static func check(_ bytes: [UInt8]) {
    guard let playlist = MediaPlaylist.read(bytes.span) else { return }
    if let facts = PlaylistFacts.read(bytes.span) {
      precondition(!facts.isMultivariant, "a multivariant playlist was read as media")
      precondition(playlist.mediaSequence == facts.mediaSequence, "another media sequence")
      precondition(playlist.segments.count == facts.segmentCount, "another number of segments")
      precondition(playlist.hasEndlist == facts.hasEndlist, "ended or not")
      precondition(playlist.isVOD == facts.isVOD, "a recording or not")
      precondition(playlist.targetDuration == facts.targetDuration, "another target duration")
    }
    checkNumbers(playlist)
    precondition(
      playlist.segments.count <= StreamsLimits.mediaSegmentsMax, "too many segments were kept")
    let parts = playlist.segments.reduce(playlist.parts.count) { $0 + $1.parts.count }
    precondition(parts <= StreamsLimits.mediaPartsMax, "too many parts were kept")
    for segment in playlist.segments { check(segment) }
    for part in playlist.parts { check(part) }
    if let hint = playlist.preloadHint { check(hint) }
  }

  private static func checkNumbers(_ playlist: MediaPlaylist) {
    guard let last = playlist.segments.indices.last else { return }
    precondition(playlist.lastSequence == playlist.sequence(at: last), "another last number")
    for index in playlist.segments.indices {
      precondition(
        playlist.sequence(at: index) == playlist.sequence(at: 0) + UInt64(index),
        "the numbers have a hole")
    }
  }

  private static func check(_ segment: MediaSegment) {
    check(segment.uri, segment.byteRange, segment.duration)
    if let map = segment.map { check(map.uri, map.byteRange, .zero) }
    for part in segment.parts { check(part) }
  }

  private static func check(_ part: MediaPart) {
    check(part.uri, part.byteRange, part.duration)
  }

  private static func check(_ uri: [UInt8], _ range: MediaRange?, _ duration: Milliseconds) {
    precondition(!uri.isEmpty, "nothing to ask for")
    precondition(uri.count <= StreamsLimits.uriLineBytesMax, "a URI beyond all measure")
    precondition(!uri.contains(UInt8(ascii: "\n")), "a URI of two lines")
    precondition(
      duration >= .zero && duration <= StreamsLimits.durationMax, "an unbounded duration")
    if let range, let length = range.length {
      precondition(!range.start.addingReportingOverflow(length).overflow, "a range overflows")
    }
  }
}
