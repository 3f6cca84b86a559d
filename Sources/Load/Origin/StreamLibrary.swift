internal import Bytes

/// An answer of the made-up origin.
struct PublishedObject: Equatable {
  var status = 200
  var type = "video/mp4"
  /// `max-age` in seconds.
  var lifetime: Int64 = 3600
  /// What tells this state of the object from others.
  var version: Int64 = 0
  /// When its first bytes are there, in milliseconds of Unix time: a request waits for that.
  var due: Int64 = 0
  /// The body, each piece with the time that it is made at: one piece but where it is made live.
  var pieces: [Piece] = []
  /// The connection is ended in the middle of the body.
  var isCut = false

  /// Some bytes, and when they are there in milliseconds of Unix time.
  struct Piece: Equatable {
    var due: Int64
    var bytes: [UInt8]
  }

  static func failure(_ status: Int) -> PublishedObject {
    PublishedObject(status: status, type: "text/plain", lifetime: 1)
  }
}

/// Everything that the made-up origin can answer, by name and time alone: nothing is stored.
struct StreamLibrary {
  let shape: StreamShape
  /// What goes wrong, and from when on, counted from the beginning of segment 0.
  private let fault: (kind: StreamFault, from: Int64)?
  private let texts: StreamTexts

  /// - Parameters:
  ///   - shape: what the streams look like.
  ///   - fault: what goes wrong, and from when on in milliseconds of Unix time.
  init(_ shape: StreamShape, fault: (kind: StreamFault, from: Int64)? = nil) {
    self.shape = shape
    self.fault = fault.map { ($0.kind, $0.from - StreamShape.epoch) }
    texts = StreamTexts(shape: shape)
  }

  /// Answers a request.
  ///
  /// - Parameters:
  ///   - target: path and query.
  ///   - now: milliseconds of Unix time.
  /// - Returns: the answer; one that is due later is to be held back until then.
  func answer(to target: String, at now: Int64) -> PublishedObject {
    let question = target.firstIndex(of: "?") ?? target.endIndex
    guard let name = StreamName(path: String(target[..<question]), shape: shape) else {
      return .failure(404)
    }
    // Within, time counts from the beginning of segment 0.
    var object = answer(name, query: target[question...].dropFirst(), at: now - StreamShape.epoch)
    object.due += StreamShape.epoch
    for index in object.pieces.indices { object.pieces[index].due += StreamShape.epoch }
    return object
  }

  private func answer(_ name: StreamName, query: Substring, at now: Int64) -> PublishedObject {
    switch name.object {
    case .main, .playlist: return text(name, query: query, at: now)
    case .initialization(let track):
      return PublishedObject(
        due: now, pieces: [.init(due: now, bytes: MediaFiller.initialization(track: track))])
    case .segment(let track, let number): return segment(name.kind, track, number, at: now)
    case .part(let track, let number, let part): return self.part(track, number, part, at: now)
    }
  }

  // MARK: playlists and manifests

  private func text(_ name: StreamName, query: Substring, at now: Int64) -> PublishedObject {
    var shown = now
    if name.kind == .hlsLowLatency, name.object != .main {
      guard let held = held(query, at: now) else { return .failure(400) }
      shown = max(now, held)
    }
    let due = shown
    if let fault, now >= fault.from {
      if fault.kind == .freeze { shown = fault.from }
      if fault.kind == .rewind { shown -= 20 * shape.segment }
    }
    let kind = name.kind
    let isHLS = kind.isHLS
    var object = PublishedObject()
    object.type = isHLS ? "application/vnd.apple.mpegurl" : "application/dash+xml"
    object.due = due
    let changes = kind.isLive && !(isHLS && name.object == .main) && kind != .dashNumber
    let step = kind == .hlsLowLatency ? shape.part : shape.segment
    object.version = changes ? shown / step : 0
    object.lifetime = changes ? max(1, step / 2000) : isHLS ? 60 : max(1, shape.segment / 1000)
    let text: String
    switch name.object {
    case .main:
      text = isHLS ? texts.multivariant(kind) : texts.manifest(kind, at: shown)
    default: text = texts.playlist(kind, at: shown)
    }
    object.pieces = [.init(due: due, bytes: Array(text.utf8))]
    return object
  }

  /// When what a blocking reload waits for is there; `nil` for one too far ahead (RFC 8216bis
  /// section 6.2.5.2: more than two segments beyond the last is a bad request).
  private func held(_ query: Substring, at now: Int64) -> Int64? {
    var number: Int64?
    var part: Int64?
    for word in query.split(separator: "&") {
      if word.hasPrefix("_HLS_msn=") { number = Int64(word.dropFirst(9)) }
      if word.hasPrefix("_HLS_part=") { part = Int64(word.dropFirst(10)) }
    }
    guard let number else { return now }
    guard number >= 0, number <= texts.newest(.hlsLowLatency, at: now) + 3 else { return nil }
    guard let part else { return (number + 1) * shape.segment }
    // A part beyond the last is the first of the next segment.
    return number * shape.segment + min(max(0, part) + 1, shape.parts + 1) * shape.part
  }

  // MARK: media

  private func segment(
    _ kind: StreamKind, _ track: Int, _ number: Int64, at now: Int64
  ) -> PublishedObject {
    let isLowDelay = kind == .dashLowLatency
    let begin = number * shape.segment
    let there = isLowDelay ? begin + shape.part : begin + shape.segment
    if kind.isLive {
      // A window behind the playlist's own stays, as players lag and caches ask late.
      let oldest = texts.oldest(kind, at: now) - 25
      guard number >= oldest, there <= now else { return .failure(404) }
    } else {
      guard number < shape.episode else { return .failure(404) }
    }
    let time = begin
    let whole = shape.bytes(bandwidth(of: track, kind), of: shape.segment)
    guard isLowDelay else {
      let bytes =
        kind.isMuxed
        ? MediaFiller.packets(bytes: whole, sequence: number)
        : MediaFiller.fragment(bytes: whole, sequence: number, time: time)
      return media([.init(due: now, bytes: bytes)], number, at: now)
    }
    let pieces = (0..<shape.parts).map { chunk in
      PublishedObject.Piece(
        due: max(now, begin + (chunk + 1) * shape.part),
        bytes: MediaFiller.fragment(
          bytes: whole / Int(shape.parts), sequence: number, time: time + chunk * shape.part))
    }
    return media(pieces, number, at: now)
  }

  private func part(
    _ track: Int, _ number: Int64, _ part: Int64, at now: Int64
  ) -> PublishedObject {
    let there = number * shape.segment + (part + 1) * shape.part
    let oldest = texts.oldest(.hlsLowLatency, at: now)
    // The part that is being made is waited for: players ask for it by its preload hint.
    guard number >= oldest, there <= now + shape.part else { return .failure(404) }
    let bytes = MediaFiller.fragment(
      bytes: shape.bytes(bandwidth(of: track, .hlsLowLatency), of: shape.part), sequence: number,
      time: there - shape.part)
    let due = max(now, there)
    return media([.init(due: due, bytes: bytes)], number * shape.parts + part, at: due)
  }

  private func media(
    _ pieces: [PublishedObject.Piece], _ version: Int64, at due: Int64
  ) -> PublishedObject {
    var object = PublishedObject(due: pieces.first?.due ?? due, pieces: pieces)
    object.version = version
    guard let fault, due >= fault.from else { return object }
    if fault.kind == .truncate {
      object.pieces = [.init(due: object.due, bytes: half(of: pieces))]
    }
    object.isCut = fault.kind == .cut
    return object
  }

  private func half(of pieces: [PublishedObject.Piece]) -> [UInt8] {
    let bytes = pieces.flatMap(\.bytes)
    return Array(bytes[..<(bytes.count / 2 + 1)])
  }

  private func bandwidth(of track: Int, _ kind: StreamKind) -> Int64 {
    if track == StreamName.audio { return StreamShape.audioBandwidth }
    return StreamShape.bandwidths[track] + (kind.isMuxed ? StreamShape.audioBandwidth : 0)
  }
}
