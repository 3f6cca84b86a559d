internal import Wire

/// The playlists and manifests of the made-up streams, as of some time.
///
/// Times count from the beginning of segment 0, in milliseconds: segment n begins at n times its
/// length. Two tools on one clock make the same streams, and everybody sees how old a segment is.
struct StreamTexts {
  let shape: StreamShape

  /// The number of the newest whole segment.
  func newest(_ kind: StreamKind, at time: Int64) -> Int64 {
    kind.isLive ? time / shape.segment - 1 : shape.episode - 1
  }

  /// The number of the oldest that is listed.
  func oldest(_ kind: StreamKind, at time: Int64) -> Int64 {
    kind.isLive ? newest(kind, at: time) - shape.window + 1 : 0
  }

  // MARK: HLS

  func multivariant(_ kind: StreamKind) -> String {
    var text = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    if !kind.isMuxed {
      text += "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"English\",LANGUAGE=\"en\","
      text += "DEFAULT=YES,AUTOSELECT=YES,URI=\"audio/live.m3u8\"\n"
    }
    for track in 0..<shape.renditions {
      let bandwidth = StreamShape.bandwidths[track]
      text += "#EXT-X-STREAM-INF:BANDWIDTH=\(bandwidth),AVERAGE-BANDWIDTH=\(bandwidth),"
      text += "CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=\(width(track))x\(width(track) * 9 / 16)"
      text += kind.isMuxed ? "\n" : ",AUDIO=\"audio\"\n"
      text += "v\(track)/live.m3u8\n"
    }
    return text
  }

  func playlist(_ kind: StreamKind, at time: Int64) -> String {
    let first = oldest(kind, at: time)
    let last = newest(kind, at: time)
    let seconds = (shape.segment + 999) / 1000
    var text = "#EXTM3U\n#EXT-X-VERSION:\(kind == .hlsLowLatency ? 9 : 6)\n"
    text += "#EXT-X-TARGETDURATION:\(seconds)\n"
    if kind == .hlsLowLatency {
      text += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=\(decimal(3 * shape.part))"
      text += ",HOLD-BACK=\(decimal(3 * shape.segment))\n"
      text += "#EXT-X-PART-INF:PART-TARGET=\(decimal(shape.part))\n"
    }
    text += "#EXT-X-MEDIA-SEQUENCE:\(first)\n"
    if !kind.isLive { text += "#EXT-X-PLAYLIST-TYPE:VOD\n" }
    if !kind.isMuxed { text += "#EXT-X-MAP:URI=\"init.mp4\"\n" }
    for number in first...max(first, last) {
      if kind == .hlsLowLatency, number >= last - 1 { text += parts(of: number, shape.parts) }
      if kind.isLive {
        text += "#EXT-X-PROGRAM-DATE-TIME:\(StreamTexts.date(number * shape.segment))\n"
      }
      text += "#EXTINF:\(decimal(shape.segment)),\n\(number)\(kind.suffix)\n"
    }
    if kind == .hlsLowLatency {
      let begun = time % shape.segment / shape.part
      text += parts(of: last + 1, begun)
      text += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"\(last + 1).\(begun).m4s\"\n"
    }
    return kind.isLive ? text : text + "#EXT-X-ENDLIST\n"
  }

  private func parts(of number: Int64, _ count: Int64) -> String {
    (0..<count).map {
      "#EXT-X-PART:DURATION=\(decimal(shape.part)),URI=\"\(number).\($0).m4s\""
        + ($0 == 0 ? ",INDEPENDENT=YES\n" : "\n")
    }.joined()
  }

  // MARK: DASH

  func manifest(_ kind: StreamKind, at time: Int64) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    text += "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" "
    text += "profiles=\"urn:mpeg:dash:profile:isoff-live:2011\" minBufferTime=\"PT2S\" "
    if kind.isLive {
      let published = (newest(kind, at: time) + 1) * shape.segment
      text += "type=\"dynamic\" availabilityStartTime=\"\(StreamTexts.date(0))\" "
      text += "publishTime=\"\(StreamTexts.date(kind == .dashTimeline ? published : 0))\" "
      text += "minimumUpdatePeriod=\"\(duration(shape.segment))\" "
      text += "timeShiftBufferDepth=\"\(duration(shape.window * shape.segment))\" "
      let delay = kind == .dashLowLatency ? shape.segment : 3 * shape.segment
      text += "suggestedPresentationDelay=\"\(duration(delay))\">\n"
    } else {
      text += "type=\"static\" "
      text += "mediaPresentationDuration=\"\(duration(shape.episode * shape.segment))\">\n"
    }
    text += "<Period id=\"0\" start=\"PT0S\">\n"
    text +=
      "<AdaptationSet contentType=\"video\" mimeType=\"video/mp4\" segmentAlignment=\"true\">\n"
    text += template(kind, at: time)
    for track in 0..<shape.renditions {
      text += "<Representation id=\"v\(track)\" bandwidth=\"\(StreamShape.bandwidths[track])\" "
      text += "width=\"\(width(track))\" height=\"\(width(track) * 9 / 16)\" "
      text += "codecs=\"avc1.64001f\"/>\n"
    }
    text += "</AdaptationSet>\n<AdaptationSet contentType=\"audio\" mimeType=\"audio/mp4\">\n"
    text += template(kind, at: time)
    text += "<Representation id=\"audio\" bandwidth=\"\(StreamShape.audioBandwidth)\" "
    return text + "codecs=\"mp4a.40.2\"/>\n</AdaptationSet>\n</Period>\n</MPD>\n"
  }

  private func template(_ kind: StreamKind, at time: Int64) -> String {
    var text = "<SegmentTemplate timescale=\"1000\" "
    text += "initialization=\"$RepresentationID$/init.mp4\" "
    guard kind == .dashTimeline else {
      text += "media=\"$RepresentationID$/$Number$.m4s\" duration=\"\(shape.segment)\" "
      if kind == .dashLowLatency {
        text += "availabilityTimeOffset=\"\(decimal(shape.segment - shape.part))\" "
        text += "availabilityTimeComplete=\"false\" "
      }
      return text + "startNumber=\"0\"/>\n"
    }
    let first = oldest(kind, at: time) * shape.segment
    text += "media=\"$RepresentationID$/$Time$.m4s\">\n<SegmentTimeline>"
    text += "<S t=\"\(first)\" d=\"\(shape.segment)\" r=\"\(shape.window - 1)\"/>"
    return text + "</SegmentTimeline>\n</SegmentTemplate>\n"
  }

  // MARK: numbers

  private func width(_ track: Int) -> Int { [416, 640, 768, 960, 1280, 1920][track] }

  private func duration(_ milliseconds: Int64) -> String { "PT\(decimal(milliseconds))S" }

  /// Milliseconds as seconds with three decimals.
  private func decimal(_ milliseconds: Int64) -> String {
    "\(milliseconds / 1000).\(StreamTexts.padded(milliseconds % 1000, 3))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// A time as ISO 8601 writes it.
  private static func date(_ time: Int64) -> String {
    let milliseconds = time + StreamShape.epoch
    let seconds = milliseconds / 1000
    let (year, month, day) = civil(seconds / 86_400)
    let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
      .map { padded($0, 2) }.joined(separator: ":")
    let rest = padded(milliseconds % 1000, 3)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(clock).\(rest)Z"
  }

  /// Year, month and day of a day since 1970 (Howard Hinnant's `civil_from_days`).
  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
