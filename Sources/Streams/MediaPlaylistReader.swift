internal import Bytes

/// Reads a media playlist line by line into a `MediaPlaylist`.
struct MediaPlaylistReader {
  /// Where the byte range before ended, and in which resource: one without offset goes on there.
  private struct RangeEnd {
    var uri: [UInt8]
    var end: UInt64
  }

  private var playlist = MediaPlaylist()
  private var isMedia = false
  private var hasTargetDuration = false
  private var failed = false

  // What tags said about the next segment.
  private var duration: Milliseconds?
  private var range: (length: UInt64, start: UInt64?)?
  private var statedTime: Milliseconds?
  private var isDiscontinuity = false
  private var isGap = false
  private var parts: [MediaPart] = []
  private var partCount = 0

  // What goes on from segment to segment.
  private var map: MediaMap?
  private var time: Milliseconds?
  private var segmentEnd: RangeEnd?
  private var partEnd: RangeEnd?

  static func read(_ body: Span<UInt8>) -> MediaPlaylist? {
    var lines = PlaylistLines()
    guard lines.begin(body) else { return nil }
    var reader = MediaPlaylistReader()
    while !reader.failed, let line = lines.next(in: body) {
      reader.readLine(body.extracting(line))
    }
    return reader.finish()
  }

  private consuming func finish() -> MediaPlaylist? {
    guard !failed, isMedia, hasTargetDuration else { return nil }
    playlist.parts = parts
    if playlist.lastSequence == nil, !playlist.segments.isEmpty { return nil }
    return playlist
  }

  private mutating func readLine(_ line: Span<UInt8>) {
    let front = PlaylistLines.front(of: line)
    guard !front.isEmpty else { return }
    if front[0] != UInt8(ascii: "#") {
      endSegment(line)
    } else if front.starts(with: "#EXTINF:") {
      beginSegment(front.from(8))
    } else if front.starts(with: "#EXT-X-") {
      readTag(front.from(7), of: line)
    }
  }

  /// Reads a tag; `front` begins behind `#EXT-X-`.
  private mutating func readTag(_ front: Span<UInt8>, of line: Span<UInt8>) {
    if front.starts(with: "PART:") {
      readPart(line)
    } else if front.starts(with: "PROGRAM-DATE-TIME:") {
      // One that cannot be read is passed over: the times of the segments are no addresses.
      if let time = ISO8601.read(front.from(18).trimmed()) { statedTime = time }
    } else if front.starts(with: "BYTERANGE:") {
      range = byteRange(front.from(10).trimmed())
    } else if front.starts(with: "MAP:") {
      readMap(line)
    } else if front.equals("DISCONTINUITY") {
      isDiscontinuity = true
    } else if front.equals("GAP") {
      isGap = true
    } else if front.starts(with: "PRELOAD-HINT:") {
      readHint(line)
    } else {
      readHeaderTag(front)
    }
  }

  /// Reads a tag about the playlist as a whole.
  private mutating func readHeaderTag(_ tag: Span<UInt8>) {
    if tag.starts(with: "TARGETDURATION:") {
      readTargetDuration(tag.from(15).trimmed())
    } else if tag.starts(with: "MEDIA-SEQUENCE:") {
      playlist.mediaSequence = number(tag.from(15))
    } else if tag.starts(with: "DISCONTINUITY-SEQUENCE:") {
      playlist.discontinuitySequence = number(tag.from(23))
    } else if tag.starts(with: "SERVER-CONTROL:") {
      readServerControl(tag)
    } else if tag.starts(with: "PART-INF:") {
      readPartTarget(tag)
    } else if tag.starts(with: "SKIP:") {
      readSkip(tag)
    } else if tag.equals("ENDLIST") {
      playlist.hasEndlist = true
    } else if tag.starts(with: "PLAYLIST-TYPE:") {
      playlist.isVOD = tag.from(14).trimmed().equals("VOD")
    } else if tag.starts(with: "STREAM-INF:") || tag.starts(with: "I-FRAME-STREAM-INF:")
      || tag.starts(with: "MEDIA:")
    {
      failed = true
    }
  }

  private mutating func readTargetDuration(_ value: Span<UInt8>) {
    guard let length = length(value), length <= StreamsLimits.targetDurationMax else {
      failed = true
      return
    }
    playlist.targetDuration = length
    hasTargetDuration = true
    isMedia = true
  }

  private mutating func readServerControl(_ tag: Span<UInt8>) {
    var attributes = PlaylistAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      let name = tag.extracting(attribute.name)
      let value = tag.extracting(attribute.value)
      if name.equals("CAN-BLOCK-RELOAD") {
        playlist.canBlockReload = value.equals("YES")
      } else if name.equals("HOLD-BACK") {
        playlist.holdBack = length(value)
      } else if name.equals("PART-HOLD-BACK") {
        playlist.partHoldBack = length(value)
      } else if name.equals("CAN-SKIP-UNTIL") {
        playlist.canSkipUntil = length(value)
      }
    }
  }

  private mutating func readPartTarget(_ tag: Span<UInt8>) {
    var attributes = PlaylistAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      guard tag.extracting(attribute.name).equals("PART-TARGET") else { continue }
      playlist.partTarget = length(tag.extracting(attribute.value))
    }
  }

  private mutating func readSkip(_ tag: Span<UInt8>) {
    var attributes = PlaylistAttributes(of: tag)
    while let attribute = attributes.next(in: tag) {
      guard tag.extracting(attribute.name).equals("SKIPPED-SEGMENTS") else { continue }
      let count = number(tag.extracting(attribute.value))
      // As `PlaylistReader` bounds it: no playlist that is read had more.
      guard count <= UInt64(StreamsLimits.playlistBytesMax) else {
        failed = true
        return
      }
      playlist.skippedCount = Int(count)
      return
    }
    failed = true
  }

  private mutating func readMap(_ line: Span<UInt8>) {
    guard let line = bounded(line) else { return }
    var uri: [UInt8] = []
    var range: MediaRange?
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      let name = line.extracting(attribute.name)
      if name.equals("URI") {
        uri = line.extracting(attribute.value).copied()
      } else if name.equals("BYTERANGE"),
        let stated = byteRange(line.extracting(attribute.value))
      {
        range = placed(stated, from: 0)
      }
    }
    if !uri.isEmpty { map = MediaMap(uri: uri, byteRange: range) }
  }

  private mutating func readPart(_ line: Span<UInt8>) {
    guard let line = bounded(line) else { return }
    isMedia = true
    var part = MediaPart(uri: [], duration: .zero)
    var range: (length: UInt64, start: UInt64?)?
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      let name = line.extracting(attribute.name)
      let value = line.extracting(attribute.value)
      if name.equals("URI") {
        part.uri = value.copied()
      } else if name.equals("DURATION") {
        part.duration = length(value) ?? .zero
      } else if name.equals("BYTERANGE") {
        range = byteRange(value)
      } else if name.equals("INDEPENDENT") {
        part.isIndependent = value.equals("YES")
      } else if name.equals("GAP") {
        part.isGap = value.equals("YES")
      }
    }
    guard !part.uri.isEmpty else { return }
    part.byteRange = placed(range, of: part.uri, behind: partEnd)
    partEnd = part.byteRange.map { RangeEnd(uri: part.uri, end: $0.start + ($0.length ?? 0)) }
    partCount += 1
    if partCount > StreamsLimits.mediaPartsMax { failed = true }
    parts.append(part)
  }

  private mutating func readHint(_ line: Span<UInt8>) {
    guard let line = bounded(line) else { return }
    var hint = MediaPart(uri: [], duration: .zero)
    var isPart = false
    var start: UInt64?
    var length: UInt64?
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      let name = line.extracting(attribute.name)
      let value = line.extracting(attribute.value)
      if name.equals("URI") {
        hint.uri = value.copied()
      } else if name.equals("TYPE") {
        isPart = value.equals("PART")
      } else if name.equals("BYTERANGE-START") {
        start = number(value)
      } else if name.equals("BYTERANGE-LENGTH") {
        length = number(value)
      }
    }
    guard isPart, !hint.uri.isEmpty else { return }
    if let length {
      hint.byteRange = placed((length, start), from: 0)
    } else if let start {
      hint.byteRange = MediaRange(start: start, length: nil)
    }
    playlist.preloadHint = hint
  }

  private mutating func beginSegment(_ value: Span<UInt8>) {
    isMedia = true
    var end = 0
    while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
    duration = length(value.extracting(0..<end).trimmed()) ?? .zero
  }

  private mutating func endSegment(_ line: Span<UInt8>) {
    guard let duration, let uri = bounded(line)?.copied() else { return }
    guard playlist.segments.count < StreamsLimits.mediaSegmentsMax else {
      failed = true
      return
    }
    var segment = MediaSegment(uri: uri, duration: duration)
    segment.byteRange = placed(range, of: uri, behind: segmentEnd)
    segmentEnd = segment.byteRange.map { RangeEnd(uri: uri, end: $0.start + ($0.length ?? 0)) }
    segment.map = map
    segment.programDateTime = statedTime ?? (isDiscontinuity ? nil : time)
    segment.isDiscontinuity = isDiscontinuity
    segment.isGap = isGap
    swap(&segment.parts, &parts)
    time = segment.programDateTime.map { Milliseconds($0.count + duration.count) }
    playlist.segments.append(segment)
    self.duration = nil
    range = nil
    statedTime = nil
    isDiscontinuity = false
    isGap = false
  }

  /// The line without blanks around it; `nil`, and no playlist, where it is too long for a URI.
  @_lifetime(copy line)
  private mutating func bounded(_ line: Span<UInt8>) -> Span<UInt8>? {
    let text = line.trimmed()
    guard text.count <= StreamsLimits.uriLineBytesMax else {
      failed = true
      return nil
    }
    return text
  }

  private mutating func number(_ text: Span<UInt8>) -> UInt64 {
    guard let value = text.trimmed().wholeNumber() else {
      failed = true
      return 0
    }
    return value
  }

  private func length(_ text: Span<UInt8>) -> Milliseconds? {
    text.thousandths().map { min(Milliseconds($0), StreamsLimits.durationMax) }
  }
}

extension MediaPlaylistReader {
  /// Reads `length[@start]`; anything else is no playlist, for the wrong bytes would be asked for.
  private mutating func byteRange(_ text: Span<UInt8>) -> (length: UInt64, start: UInt64?)? {
    var end = 0
    while end < text.count, text[end] != UInt8(ascii: "@") { end += 1 }
    let length = number(text.extracting(0..<end))
    return (length, end < text.count ? number(text.from(end + 1)) : nil)
  }

  /// Places a range that is stated for `uri`, behind the range before where it has no offset.
  private mutating func placed(
    _ range: (length: UInt64, start: UInt64?)?, of uri: [UInt8], behind before: RangeEnd?
  ) -> MediaRange? {
    guard let range else { return nil }
    let start = before.map { $0.uri == uri ? $0.end : 0 } ?? 0
    return placed(range, from: start)
  }

  private mutating func placed(
    _ range: (length: UInt64, start: UInt64?), from start: UInt64
  ) -> MediaRange? {
    let start = range.start ?? start
    guard !start.addingReportingOverflow(range.length).overflow else {
      failed = true
      return nil
    }
    return MediaRange(start: start, length: range.length)
  }
}
