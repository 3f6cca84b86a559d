internal import Bytes

/// Reads the facts of an HLS playlist from its bytes as they pass.
///
/// Fed with the consecutive pieces of one unencoded body, cut anywhere. Tolerant: unknown tags,
/// missing line ends, CR LF and a byte order mark are taken; only what would make a fact wrong is
/// an error. Keeps one line, at most `StreamsLimits.playlistLineBytesMax` of it.
public struct PlaylistReader: Sendable {
  private var facts = PlaylistFacts()
  private var carry: [UInt8] = []
  private var byteCount = 0
  private var isFirstLine = true
  private var isMedia = false
  private var hasTargetDuration = false
  private var segmentDuration: Milliseconds?
  private var failed = false

  /// Starts at the first byte of a playlist.
  public init() {}

  /// Takes the next bytes of the playlist.
  public mutating func feed(_ bytes: Span<UInt8>) {
    if failed { return }
    byteCount += bytes.count
    guard byteCount <= StreamsLimits.playlistBytesMax else {
      failed = true
      return
    }
    var start = 0
    for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
      endLine(bytes.extracting(start..<index))
      start = index + 1
    }
    keep(bytes.from(start))
  }

  /// Ends the playlist.
  ///
  /// - Returns: `nil` for what is no playlist: no `#EXTM3U` in front, tags of both kinds or of
  ///   none, segments without a target duration, numbers that are none, more than 16 MiB.
  public consuming func finish() -> PlaylistFacts? {
    if !carry.isEmpty { endLine([UInt8]().span) }
    guard !failed, !isFirstLine, facts.isMultivariant != isMedia else { return nil }
    guard isMedia else { return facts }
    guard hasTargetDuration else { return nil }
    let (skipped, overflowed) = facts.targetDuration.count.multipliedReportingOverflow(
      by: Int64(facts.skippedCount))
    facts.window = bounded(
      overflowed ? StreamsLimits.durationMax : Milliseconds(skipped), plus: facts.window)
    if facts.lastSequence == nil, facts.segmentCount > 0 { return nil }
    return facts
  }

  /// Appends to the unfinished line what fits of it.
  private mutating func keep(_ bytes: Span<UInt8>) {
    let room = StreamsLimits.playlistLineBytesMax - carry.count
    for index in 0..<min(room, bytes.count) { carry.append(bytes[index]) }
  }

  private mutating func endLine(_ rest: Span<UInt8>) {
    if failed { return }
    if carry.isEmpty {
      readLine(rest.extracting(0..<min(rest.count, StreamsLimits.playlistLineBytesMax)).trimmed())
      return
    }
    keep(rest)
    var line: [UInt8] = []
    swap(&line, &carry)  // keeps the buffer while its span is read
    readLine(line.span.trimmed())
    line.removeAll(keepingCapacity: true)
    swap(&line, &carry)
  }

  private mutating func readLine(_ line: Span<UInt8>) {
    if isFirstLine {
      isFirstLine = false
      let hasMark = line.count >= 3 && line[0] == 0xEF && line[1] == 0xBB && line[2] == 0xBF
      let text = hasMark ? line.from(3) : line
      failed = !text.starts(with: "#EXTM3U") || (text.count > 7 && !isBlank(text[7]))
      return
    }
    guard !line.isEmpty else { return }
    if line[0] != UInt8(ascii: "#") {
      endSegment()
    } else if line.starts(with: "#EXTINF:") {
      beginSegment(line.from(8))
    } else if line.starts(with: "#EXT-X-") {
      readTag(line.from(7))
    }
  }

  private mutating func readTag(_ tag: Span<UInt8>) {
    if tag.starts(with: "TARGETDURATION:") {
      readTargetDuration(tag.from(15).trimmed())
    } else if tag.starts(with: "MEDIA-SEQUENCE:") {
      facts.mediaSequence = number(tag.from(15))
    } else if tag.starts(with: "DISCONTINUITY-SEQUENCE:") {
      facts.discontinuitySequence = number(tag.from(23))
    } else if tag.starts(with: "PART:") {
      isMedia = true
      facts.trailingPartCount += 1
    } else if tag.starts(with: "PART-INF:") {
      facts.partTarget = duration(attribute("PART-TARGET", of: tag.from(9)))
    } else if tag.starts(with: "SKIP:") {
      readSkip(tag.from(5))
    } else if tag.starts(with: "SERVER-CONTROL:") {
      facts.canBlockReload = attribute("CAN-BLOCK-RELOAD", of: tag.from(15)).equals("YES")
    } else if tag.equals("ENDLIST") {
      facts.hasEndlist = true
    } else if tag.starts(with: "PLAYLIST-TYPE:") {
      facts.isVOD = tag.from(14).trimmed().equals("VOD")
    } else if tag.equals("I-FRAMES-ONLY") {
      facts.isIFrameOnly = true
    } else if tag.starts(with: "STREAM-INF:") || tag.starts(with: "I-FRAME-STREAM-INF:")
      || tag.starts(with: "MEDIA:")
    {
      facts.isMultivariant = true
    }
  }

  private mutating func readTargetDuration(_ value: Span<UInt8>) {
    guard let duration = duration(value), duration <= StreamsLimits.targetDurationMax else {
      failed = true
      return
    }
    facts.targetDuration = duration
    hasTargetDuration = true
    isMedia = true
  }

  private mutating func readSkip(_ attributes: Span<UInt8>) {
    let count = number(attribute("SKIPPED-SEGMENTS", of: attributes))
    guard count <= UInt64(StreamsLimits.playlistBytesMax) else {
      failed = true
      return
    }
    facts.skippedCount = Int(count)
  }

  /// An EXTINF whose duration cannot be read counts as a segment of no length.
  private mutating func beginSegment(_ value: Span<UInt8>) {
    isMedia = true
    var end = 0
    while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
    segmentDuration = duration(value.extracting(0..<end).trimmed()) ?? .zero
  }

  private mutating func endSegment() {
    guard let length = segmentDuration else { return }
    segmentDuration = nil
    facts.segmentCount += 1
    facts.trailingPartCount = 0
    facts.window = bounded(facts.window, plus: length)
  }

  private mutating func number(_ text: Span<UInt8>) -> UInt64 {
    guard let value = text.trimmed().wholeNumber() else {
      failed = true
      return 0
    }
    return value
  }

  private func duration(_ text: Span<UInt8>) -> Milliseconds? {
    text.thousandths().map { min(Milliseconds($0), StreamsLimits.durationMax) }
  }

  private func bounded(_ sum: Milliseconds, plus length: Milliseconds) -> Milliseconds {
    let left = min(sum, StreamsLimits.durationMax)
    return min(Milliseconds(left.count + length.count), StreamsLimits.durationMax)
  }

  /// The value of an attribute, without quotes; empty where it is missing.
  @_lifetime(copy list)
  private func attribute(_ name: StaticString, of list: Span<UInt8>) -> Span<UInt8> {
    var index = 0
    while index < list.count {
      let nameStart = index
      while index < list.count, list[index] != UInt8(ascii: "=") { index += 1 }
      let isWanted = list.extracting(nameStart..<index).trimmed().equals(name)
      let valueStart = min(index + 1, list.count)
      index = valueStart
      var isQuoted = false
      while index < list.count, isQuoted || list[index] != UInt8(ascii: ",") {
        if list[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
        index += 1
      }
      if isWanted { return unquoted(list.extracting(valueStart..<index).trimmed()) }
      index += 1
    }
    return list.from(list.count)
  }

  @_lifetime(copy text)
  private func unquoted(_ text: Span<UInt8>) -> Span<UInt8> {
    let quote = UInt8(ascii: "\"")
    guard text.count >= 2, text[0] == quote, text[text.count - 1] == quote else { return text }
    return text.extracting(1..<(text.count - 1))
  }
}
