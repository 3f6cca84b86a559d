import Bytes
import Streams

/// A server of a live presentation that was made up: its manifest at any time, and what is true.
struct MadeUpServer {
  struct Track {
    var id: String
    var type: String
    var timescale: Int64
    var duration: Int64
  }

  /// 2026-11-01T00:00:00Z.
  static let month: Int64 = 1_793_491_200_000

  /// In the names of its segments.
  var name: String
  /// Unix time in milliseconds.
  var start: Int64
  var isTimeline = false
  var startNumber: Int64 = 1
  /// The media time at the start, in milliseconds; a whole number of seconds.
  var mediaStart: Int64 = 0
  /// How long each period is, in milliseconds; `nil` for one without end.
  var periodLength: Int64?
  /// How far back segments are listed, in milliseconds.
  var depth: Int64 = 20_000
  var updatePeriod = "PT2S"
  var tracks = [
    Track(id: "v", type: "video", timescale: 90_000, duration: 180_000),
    Track(id: "a", type: "audio", timescale: 48_000, duration: 92_160),
  ]

  /// The manifest at a Unix time in milliseconds.
  func manifest(at now: Int64) -> [UInt8] {
    let age = now - start
    var periods = ""
    var index: Int64 = 0
    if let periodLength { index = max(0, (age - depth) / periodLength) }
    while index * (periodLength ?? .max / 2) < max(1, age) {
      periods += period(index, age: age)
      if periodLength == nil { break }
      index += 1
    }
    let published = isTimeline ? now : start
    return Array(
      """
      <?xml version="1.0"?>
      <MPD xmlns="urn:d" xmlns:\(name)="urn:x" type="dynamic"
        availabilityStartTime="\(date(start))" publishTime="\(date(published))"
        minimumUpdatePeriod="\(updatePeriod)" timeShiftBufferDepth="PT\(depth / 1000)S">
      <BaseURL>\(name)/</BaseURL><PatchLocation>p</PatchLocation>\(periods)
      </MPD>
      """.utf8)
  }

  private func period(_ index: Int64, age: Int64) -> String {
    let from = index * (periodLength ?? 0)
    let to = periodLength.map { from + $0 }
    var sets = ""
    for track in tracks {
      guard let template = template(track, from: from, to: to, age: age) else { return "" }
      sets += """
        \n<AdaptationSet contentType="\(track.type)"><Representation id="\(track.id)" bandwidth="1">
        \(template)</Representation></AdaptationSet>
        """
    }
    return "\n<Period id=\"p\(index)\" start=\"PT\(from / 1000)S\">\(sets)\n</Period>"
  }

  private func template(_ track: Track, from: Int64, to: Int64?, age: Int64) -> String? {
    let first = from * track.timescale / 1000 / track.duration
    let offset = (mediaStart + from) / 1000 * track.timescale
    let media = "\(name)-$RepresentationID$-\(isTimeline ? "$Time$" : "$Number$")"
    let tag =
      "<SegmentTemplate timescale=\"\(track.timescale)\" media=\"\(media)\""
      + "\n initialization=\"i\" presentationTimeOffset=\"\(offset)\""
    guard isTimeline else {
      return tag + "\n startNumber=\"\(startNumber + first)\" duration=\"\(track.duration)\"/>"
    }
    let oldest = max(from, age - depth - 2000) * track.timescale / 1000
    let listed = max(first, (oldest + track.duration - 1) / track.duration)
    let end = min(age, to ?? age) * track.timescale / 1000 / track.duration
    guard listed < end else { return nil }
    let time = mediaStart / 1000 * track.timescale + listed * track.duration
    return tag + "\n startNumber=\"\(startNumber + listed)\">\n<SegmentTimeline>"
      + "<S t=\"\(time)\" d=\"\(track.duration)\"/>"
      + (end - listed > 1 ? "\n<S d=\"\(track.duration)\" r=\"\(end - listed - 2)\"/>" : "")
      + "</SegmentTimeline></SegmentTemplate>"
  }

  private func date(_ time: Int64) -> String {
    // All made-up servers live in November 2026.
    let rest = time - Self.month
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let thousandths = String("\(1000 + rest % 1000)".dropFirst())
    return "2026-11-\(two(rest / 86_400_000 + 1))T\(two(rest / 3_600_000 % 24)):"
      + "\(two(rest / 60_000 % 60)):\(two(rest / 1000 % 60)).\(thousandths)Z"
  }

  /// When a segment of a name truly starts, in Unix milliseconds; `nil` for another server's.
  func trueStart(of url: String) -> Int64? {
    let parts = url.split(separator: "?")[0].split(separator: "-")
    guard parts.count == 3, parts[0] == name, let number = Int64(parts[2]),
      let track = tracks.first(where: { $0.id == parts[1] })
    else { return nil }
    let units =
      isTimeline
      ? number - mediaStart / 1000 * track.timescale : (number - startNumber) * track.duration
    return start + units * 1000 / track.timescale
  }
}
