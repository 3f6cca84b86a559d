import Bytes
import Streams

@testable import Load

/// A player before the made-up origin, without a network and in a time of its own.
struct Watching {
  /// When it begins: a second after a segment has ended, in nanoseconds of Unix time.
  static let begin: Int64 = 1_764_000_001_000_000_000

  let library: StreamLibrary
  var player: Player
  var cmcd: CMCDWriter
  var tally = ViewerTally()
  var now = Watching.begin
  /// Nanoseconds that each answer takes, and nanoseconds for each of its bytes.
  var delay: Int64 = 5_000_000
  var perByte = 10.0
  /// Targets that were asked for.
  var asked: [String] = []
  var isOver = false

  init(
    _ entry: String, policy: RenditionPolicy = .auto, shape: StreamShape = StreamShape(),
    fault: StreamFault? = nil, after seconds: Int64 = 20
  ) {
    let from = Watching.begin / 1_000_000 + seconds * 1000
    library = StreamLibrary(shape, fault: fault.map { ($0, from) })
    player = Player(
      Array(entry.utf8), authority: "edge", policy: policy, number: 4, at: Watching.begin)
    cmcd = CMCDWriter(.none, session: "s", content: "c")
  }

  /// Watches for so many seconds.
  mutating func watch(seconds: Int64) {
    let end = Watching.begin + seconds * 1_000_000_000
    var steps = 0
    while now < end, !isOver, steps < 100_000 {
      steps += 1
      switch player.next(at: now) {
      case .ask(let request): answer(request)
      case .wait(let until): now = min(max(now + 1, until), end)
      case .over: isOver = true
      }
    }
    var playback = player.playback
    playback?.advance(to: now)
    tally.leave(playback)
  }

  private mutating func answer(_ request: PlayerRequest) {
    let target = String(decoding: request.target, as: UTF8.self)
    asked.append(target)
    let since = now
    let object = library.answer(to: target, at: now / 1_000_000)
    var check = ContainerCheck()
    var body: [UInt8] = []
    now = max(now, object.due * 1_000_000) + delay
    let firstByte = now
    for piece in object.pieces {
      now = max(now, piece.due * 1_000_000 + delay) + Int64(Double(piece.bytes.count) * perByte)
      let bytes = object.isCut ? Array(piece.bytes[..<(piece.bytes.count / 2)]) : piece.bytes
      body += bytes
      if !request.isText { check.feed(bytes.span) }
      if object.pieces.count > 1 {
        player.arrived(
          fragments: Int(check.fragmentCount), of: request, at: now, into: &tally)
      }
    }
    let answer = PlayerAnswer(
      status: UInt16(object.status), body: body, bytes: UInt64(body.count),
      container: check.verdict, asked: since, firstByte: firstByte,
      failure: object.isCut ? .brokenOff : nil)
    player.take(answer, to: request, at: now, into: &tally)
  }
}
