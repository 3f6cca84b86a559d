internal import Bytes
internal import Cache
internal import Policy
internal import Store
internal import Wire

/// One stored object as `spillway cache ls` shows it.
struct CacheEntry: Sendable, Equatable {
  /// Whether it may be used.
  enum State: String, Sendable {
    /// Without a question.
    case fresh
    /// After a question, or in place of a failing origin.
    case stale
    /// Not any more.
    case purged
    /// Its head cannot be read.
    case damaged
  }

  /// What of it lies in memory.
  enum Memory: String, Sendable {
    /// Head and body.
    case body
    /// The head; the body is sent from the volume.
    case head
    /// Nothing.
    case none
  }

  var state = State.damaged
  /// The site and, behind `|`, host and target: the cache key.
  var key = ""
  /// The hash of its key and variant.
  var hash = Hash128(low: 0, high: 0)
  var status: UInt16 = 0
  /// Bytes of its body; `nil` where they are not known.
  var size: UInt64?
  /// Seconds since the origin made it, as `Age` says.
  var age: UInt64 = 0
  /// The fields that it varies by.
  var vary = ""
  /// Which bytes it holds, if not all.
  var part = ""
  var memory = Memory.none
  /// Times that it was served since it came into memory, at most 63 a worker late; `nil` for what
  /// is not there.
  var hits: Int?
  /// The path of the volume that holds it; empty for none.
  var volume = ""
  /// The zone of the volume.
  var zone: UInt32 = 0
}

extension CacheEntry {
  /// What lies in memory.
  init(_ object: CachedObject, purges: PurgeLog, now: Instant) {
    key = String(decoding: object.keyText, as: UTF8.self)
    hash = object.variant
    status = object.status
    size = object.knownLength ?? object.body.count
    age = UInt64(max(0, object.freshness.age(arrival: object.arrival, now: now).count / 1000))
    vary = object.vary?.text ?? ""
    if let extent = object.extent {
      part = "\(extent.range.first)-\(extent.range.last)/\(extent.length)"
      size = object.body.count
    }
    memory = object.body.file == nil ? .body : .head
    hits = object.hits
    if object.isPurged(by: purges) {
      state = .purged
    } else if case .fresh = object.freshness.state(arrival: object.arrival, now: now) {
      state = .fresh
    } else {
      state = .stale
    }
  }

  /// What lies on a volume.
  init(_ object: ListedObject, volume path: String, view: VolumeView) {
    hash = object.hash
    size = object.record.bodyLength
    volume = path
    zone = object.record.place.zone
    guard let bytes = object.meta,
      let meta = ObjectMeta(bytes.span, wall: view.wall)
    else { return }
    key = String(decoding: meta.keyText, as: UTF8.self)
    status = meta.head.status
    vary = meta.vary?.text ?? ""
    let age =
      meta.freshness.initialAge.count
      + max(0, view.wall.milliseconds - meta.arrival.milliseconds)
    self.age = UInt64(max(0, age / 1000))
    let isFresh = !meta.freshness.alwaysRevalidate && age < meta.freshness.lifetime.count
    state = view.isPurged(meta, object.primary) ? .purged : isFresh ? .fresh : .stale
  }
}

extension CacheEntry {
  /// The entry as a JSON object on one line.
  var json: String {
    var writer = JSONWriter()
    writer.object { entry in
      let bar = key.firstIndex(of: "|") ?? key.endIndex
      entry.member("site", String(key[..<bar]))
      entry.member("target", bar == key.endIndex ? "" : String(key[key.index(after: bar)...]))
      entry.member("hash", hash.text)
      entry.member("state", state.rawValue)
      entry.member("status", UInt64(status))
      if let size { entry.member("size_bytes", size) }
      entry.member("age_seconds", age)
      if !vary.isEmpty { entry.member("vary", vary) }
      if !part.isEmpty { entry.member("part", part) }
      entry.member("memory", memory.rawValue)
      if let hits { entry.member("hits", UInt64(hits)) }
      if !volume.isEmpty {
        entry.member("volume", volume)
        entry.member("zone", UInt64(zone))
      }
    }
    return writer.finish()
  }

  /// The names of the columns of `text`.
  static let heading =
    columns("STATE", "STATUS", "SIZE", "AGE", "HITS") + "KEY  (WHERE)\n"

  /// The entry as a line for people.
  var text: String {
    let name = key.isEmpty ? hash.text : key
    let extra = (part.isEmpty ? "" : " bytes \(part)") + (vary.isEmpty ? "" : " vary: \(vary)")
    return Self.columns(
      state.rawValue, status == 0 ? "-" : "\(status)", size.map { StatusReport.size($0) } ?? "-",
      Self.duration(age), hits.map { "\($0)" } ?? "-")
      + "\(name)\(extra)  (\(place))\n"
  }

  /// `memory`, `memory, VOLUME:ZONE`, `head in memory, VOLUME:ZONE` or `VOLUME:ZONE`.
  private var place: String {
    let words =
      switch memory {
      case .body: ["memory"]
      case .head: ["head in memory"]
      case .none: [String]()
      }
    return (words + (volume.isEmpty ? [] : ["\(volume):\(zone)"])).joined(separator: ", ")
  }

  private static func columns(
    _ state: String, _ status: String, _ size: String, _ age: String, _ hits: String
  ) -> String {
    func left(_ text: String, _ width: Int) -> String {
      text + String(repeating: " ", count: max(1, width - text.count))
    }
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text + "  "
    }
    return left(state, 8) + right(status, 6) + right(size, 10) + right(age, 6) + right(hits, 7)
  }

  /// Seconds in the largest unit that leaves a whole number: `59s`, `5m`, `23h`, `9d`.
  private static func duration(_ seconds: UInt64) -> String {
    switch seconds {
    case ..<60: "\(seconds)s"
    case ..<3600: "\(seconds / 60)m"
    case ..<86_400: "\(seconds / 3600)h"
    default: "\(seconds / 86_400)d"
    }
  }
}

extension Hash128 {
  /// Its 32 hexadecimal digits.
  var text: String {
    var text = TextBuffer(capacity: 32)
    text.append(hexadecimal: high)
    text.append(hexadecimal: low)
    return text.string
  }
}
