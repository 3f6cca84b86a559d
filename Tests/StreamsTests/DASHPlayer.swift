import Bytes
import Streams

/// What a player makes of a manifest: the segments that it may ask for, by period and time.
struct DASHPlayer {
  struct Segment: Equatable {
    var url: String
    /// Unix milliseconds.
    var start: Int64
    var end: Int64
    var isVideo: Bool
  }

  let manifest: Manifest
  /// The segments by period, representation and time in the period.
  private(set) var segments: [String: Segment] = [:]

  init?(_ body: [UInt8], now: Int64) {
    guard let manifest = Manifest.read(body.span),
      let origin = manifest.availabilityStartTime?.count
    else { return nil }
    self.manifest = manifest
    for (index, period) in manifest.periods.enumerated() {
      let start = origin + (period.start?.count ?? 0)
      let next = index + 1 < manifest.periods.count ? manifest.periods[index + 1].start : nil
      let end = min(
        period.duration.map { start + $0.count } ?? .max, next.map { origin + $0.count } ?? .max)
      for set in period.adaptationSets {
        for representation in set.representations {
          let name = String(decoding: representation.id, as: UTF8.self)
          let id = "\(String(decoding: period.id ?? [], as: UTF8.self)) \(name)"
          take(
            representation, id: id, start: start, end: end, now: now,
            isVideo: set.contentType.elementsEqual("video".utf8))
        }
      }
    }
  }

  /// Whether there is anything to play of a period.
  func hasSegments(of period: [UInt8]?) -> Bool {
    let front = String(decoding: period ?? [], as: UTF8.self) + " "
    return segments.keys.contains { $0.hasPrefix(front) }
  }

  /// Whether a moment can be played, in Unix milliseconds.
  func shows(_ moment: Int64, isVideo: Bool) -> Bool {
    segments.values.contains { $0.isVideo == isVideo && $0.start <= moment && moment < $0.end }
  }

  private mutating func take(
    _ representation: Representation, id: String, start: Int64, end: Int64, now: Int64,
    isVideo: Bool
  ) {
    guard let template = representation.template, let media = template.media else { return }
    let scale = Int64(template.timescale)
    let offset = Int64(template.presentationTimeOffset)
    var number = Int64(template.startNumber)
    func note(_ time: Int64, _ duration: Int64) {
      let from = start + (time - offset) * 1000 / scale
      let to = start + (time + duration - offset) * 1000 / scale
      let name = template.name(
        media, representation: representation, number: UInt64(number), time: UInt64(time))
      let url = String(decoding: name ?? [], as: UTF8.self)
      segments["\(id) \((time - offset) * 1000 / scale)"] = Segment(
        url: url, start: from, end: to, isVideo: isVideo)
      number += 1
    }
    if let duration = template.duration.map(Int64.init) {
      // Nobody goes back further than half a minute.
      let first = max(0, (now - 30_000 - start) * scale / 1000 / duration)
      var time = offset + first * duration
      number += first
      while start + (time - offset) * 1000 / scale < end,
        start + (time + duration - offset) * 1000 / scale <= now
      {
        note(time, duration)
        time += duration
      }
    }
    var time: Int64 = 0
    for entry in template.timeline {
      time = entry.time.map(Int64.init) ?? time
      for _ in 0...max(0, entry.repeats) {
        note(time, Int64(entry.duration))
        time += Int64(entry.duration)
      }
    }
  }
}
