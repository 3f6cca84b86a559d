internal import Bytes

/// Shares out the lines of a media playlist that was read already among its segments.
///
/// What the lines mean was found by `MediaPlaylistReader`; this only puts each where it belongs.
struct PlaylistTextReader {
  private let playlist: MediaPlaylist
  /// Keys cannot be told apart within the limits: their lines stay where they are.
  private let keysStay: Bool
  private var text = PlaylistText()
  private var failed = false

  // The lines since the last segment.
  private var lines: [UInt8] = []
  private var isInFront = true
  private var hasDuration = false
  private var hasPart = false
  /// Where the byte range that counts stands in `lines`.
  private var byteRange: Range<Int>?

  private var map: [UInt8]?
  private var mapKeys: [UInt8] = []
  private var keys = PlaylistKeys()

  private init(_ playlist: MediaPlaylist, keysStay: Bool) {
    self.playlist = playlist
    self.keysStay = keysStay
    text.targetDuration = playlist.targetDuration
    text.partTarget = playlist.partTarget
    text.canBlockReload = playlist.canBlockReload
    text.canSkipUntil = playlist.canSkipUntil
    text.mediaSequence = playlist.mediaSequence
    text.discontinuitySequence = playlist.discontinuitySequence
    text.skippedCount = playlist.skippedCount
    text.tailPartCount = playlist.parts.count
    text.hasEndlist = playlist.hasEndlist
    text.isVOD = playlist.isVOD
  }

  static func read(_ body: Span<UInt8>) -> PlaylistText? {
    guard let playlist = MediaPlaylist.read(body) else { return nil }
    var reader = PlaylistTextReader(playlist, keysStay: false)
    reader.readLines(body)
    if reader.failed {
      reader = PlaylistTextReader(playlist, keysStay: true)
      reader.readLines(body)
    }
    return reader.finish()
  }

  private mutating func readLines(_ body: Span<UInt8>) {
    var lines = PlaylistLines()
    _ = lines.begin(body)
    while !failed, let line = lines.next(in: body) { readLine(body.extracting(line)) }
  }

  private consuming func finish() -> PlaylistText {
    text.tail = lines
    return text
  }

  /// Whether the last segment was read: what comes is no segment's.
  private var isInTail: Bool { text.segments.count == playlist.segments.count }

  private mutating func readLine(_ line: Span<UInt8>) {
    let front = PlaylistLines.front(of: line)
    let tag = PlaylistTag(front)
    switch tag {
    case .number, .endlist: return
    case .header:
      readHeader(front)
      text.header.append(line: line)
      return
    case .other, .uri: break
    case .discontinuity, .map, .key, .byteRange, .part, .extinf, .segment: isInFront = false
    }
    if isInFront {
      text.header.append(line: line)
    } else if !take(line.trimmed(), as: tag) {
      let start = lines.count
      lines.append(line: line)
      if tag == .byteRange { byteRange = start..<lines.count }
      if tag == .extinf { hasDuration = true }
      if tag == .uri, hasDuration, !isInTail { endSegment() }
    }
  }

  /// Notes what only a header line says.
  private mutating func readHeader(_ front: Span<UInt8>) {
    if front.starts(with: "#EXT-X-PLAYLIST-TYPE:") {
      text.isEvent = front.from(21).trimmed().equals("EVENT")
    } else if front.equals("#EXT-X-I-FRAMES-ONLY") {
      text.isIFrameOnly = true
    }
  }

  /// Takes a line into the fields of the segment to come; `false` for one that stays as it is.
  private mutating func take(_ line: Span<UInt8>, as tag: PlaylistTag) -> Bool {
    switch tag {
    case .discontinuity: return !isInTail
    case .map: return !isInTail && takeMap(line)
    case .key: return !isInTail && takeKey(line)
    case .part: return takePart(line)
    case .header, .number, .endlist, .byteRange, .extinf, .segment, .uri, .other: return false
    }
  }

  private mutating func takeMap(_ line: Span<UInt8>) -> Bool {
    guard let uri = PlaylistAttributes.value(of: "URI", in: line), !uri.isEmpty else {
      return false
    }
    map = line.copied() + [UInt8(ascii: "\n")]
    if !keysStay {
      mapKeys = keys.areOfWholeResources ? linesOfKeys() : []
    }
    return true
  }

  private mutating func takeKey(_ line: Span<UInt8>) -> Bool {
    guard !keysStay else { return false }
    failed = !keys.add(line)
    return true
  }

  private mutating func linesOfKeys() -> [UInt8] {
    guard let lines = keys.lines() else {
      failed = true
      return []
    }
    return lines
  }

  /// States the offset of a segment's first part, where it follows the segment before.
  private mutating func takePart(_ line: Span<UInt8>) -> Bool {
    guard !hasPart, let uri = PlaylistAttributes.value(of: "URI", in: line), !uri.isEmpty else {
      return false
    }
    hasPart = true
    let index = text.segments.count
    let parts = isInTail ? playlist.parts : playlist.segments[index].parts
    // Room for the longest number: the line must not become one that is too long.
    guard let range = PlaylistAttributes.value(of: "BYTERANGE", in: line),
      !line.extracting(range).contains(UInt8(ascii: "@")),
      let start = parts.first?.byteRange?.start, line.count + 21 <= StreamsLimits.uriLineBytesMax
    else { return false }
    lines.append(line.extracting(0..<range.upperBound))
    lines.append(text: "@\(start)")
    lines.append(line: line.from(range.upperBound))
    return true
  }

  private mutating func endSegment() {
    let facts = playlist.segments[text.segments.count]
    stateOffset(of: facts)
    var segment = PlaylistText.Segment(lines: lines, uri: facts.uri, duration: facts.duration)
    segment.isDiscontinuity = facts.isDiscontinuity
    segment.isGap = facts.isGap
    segment.partCount = facts.parts.count
    segment.programDateTime = facts.programDateTime
    segment.map = map
    segment.mapKeys = mapKeys
    if !keysStay { segment.keys = linesOfKeys() }
    text.segments.append(segment)
    lines = []
    hasDuration = false
    hasPart = false
    byteRange = nil
  }

  /// States the offset of a segment's byte range, where it follows the segment before.
  private mutating func stateOffset(of facts: MediaSegment) {
    guard let byteRange, let range = facts.byteRange, let length = range.length,
      !lines.span.extracting(byteRange).contains(UInt8(ascii: "@"))
    else { return }
    lines.replaceSubrange(
      byteRange, with: "#EXT-X-BYTERANGE:\(length)@\(range.start)\n".utf8)
  }
}
