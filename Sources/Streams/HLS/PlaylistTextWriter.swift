/// Writes a media playlist, with maps and keys where a player needs them.
struct PlaylistTextWriter {
  private var output: [UInt8] = []
  // What the text so far puts in force.
  private var map: [UInt8]?
  private var mapKeys: [UInt8] = []
  private var keys: [UInt8] = []
  private var keysInForce = PlaylistKeys()
  private var repeatedBytes = 0

  static func write(_ text: PlaylistText) -> [UInt8] {
    var writer = PlaylistTextWriter()
    writer.writeFront(text)
    for segment in text.segments { writer.write(segment) }
    writer.output += text.tail
    if text.hasEndlist { writer.output.append(text: "#EXT-X-ENDLIST\n") }
    return writer.output
  }

  private mutating func writeFront(_ text: PlaylistText) {
    output.append(text: "#EXTM3U\n")
    output += text.header
    output.append(text: "#EXT-X-MEDIA-SEQUENCE:\(text.mediaSequence)\n")
    if text.discontinuitySequence > 0 {
      output.append(text: "#EXT-X-DISCONTINUITY-SEQUENCE:\(text.discontinuitySequence)\n")
    }
    if text.skippedCount > 0 {
      output.append(text: "#EXT-X-SKIP:SKIPPED-SEGMENTS=\(text.skippedCount)\n")
    }
  }

  private mutating func write(_ segment: PlaylistText.Segment) {
    if segment.isDiscontinuity { output.append(text: "#EXT-X-DISCONTINUITY\n") }
    let start = output.count
    // Players begin afresh at a discontinuity: what is in force is stated again.
    var again = segment.isDiscontinuity && repeatedBytes < StreamsLimits.repeatedBytesMax
    if let wanted = segment.map, again || wanted != map || segment.mapKeys != mapKeys {
      if !segment.mapKeys.isEmpty {
        state(segment.mapKeys, again: again)
        if segment.keys == segment.mapKeys { again = false }
      } else if keysInForce.areOfWholeResources {
        state([], again: false)
      }
      output += wanted
      map = wanted
      mapKeys = segment.mapKeys
    }
    state(segment.keys, again: again)
    if segment.isDiscontinuity { repeatedBytes += output.count - start }
    output += segment.lines
  }

  /// Puts keys in force, and no others.
  private mutating func state(_ wanted: [UInt8], again: Bool) {
    guard again || wanted != keys else { return }
    let next = PlaylistKeys(wanted)
    let ends = keysInForce.end(at: next)
    if !ends { output += PlaylistKeys.none }
    output += wanted
    keys = ends || !wanted.isEmpty ? wanted : PlaylistKeys.none
    keysInForce = ends || !wanted.isEmpty ? next : PlaylistKeys()
  }
}
