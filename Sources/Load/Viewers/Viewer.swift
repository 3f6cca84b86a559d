internal import Bytes
internal import Loop
internal import Streams
internal import Wire

/// A player, its connection, and the request that is under way.
final class Viewer {
  let connection: LoadConnection
  var player: Player
  var cmcd: CMCDWriter
  /// What was asked for; `nil` between two requests.
  var request: PlayerRequest?
  /// When it was asked for, and when its first byte came; nanoseconds of the monotonic clock.
  var asked: Int64 = 0
  var firstByte: Int64 = 0
  var status: UInt16 = 0
  var body: [UInt8] = []
  var check = ContainerCheck()
  /// It was sent a second time already, on a new connection.
  var isRepeated = false
  /// The one timer that it has, whatever it waits for.
  var timer = TimerID.none
  /// Reading rests until the timer: media comes as slowly as it plays.
  var isResting = false

  init(slot: Int, player: Player, cmcd: CMCDWriter) {
    connection = LoadConnection(slot: slot)
    self.player = player
    self.cmcd = cmcd
  }

  /// Forgets the answer before.
  func begin(_ request: PlayerRequest, at now: Int64) {
    self.request = request
    asked = now
    firstByte = 0
    status = 0
    body.removeAll(keepingCapacity: true)
    check = ContainerCheck()
    isRepeated = false
    isResting = false
  }

  /// The head of the request.
  func head(authority: String) -> [UInt8] {
    guard let request else { return [] }
    let report = player.report(on: request)
    var output = Array("GET ".utf8)
    output += request.target
    if let argument = cmcd.argument(report) {
      output.append(UInt8(ascii: request.target.contains(UInt8(ascii: "?")) ? "&" : "?"))
      output += Array(argument.utf8)
    }
    var fields = " HTTP/1.1\r\nHost: \(authority)\r\nUser-Agent: spillway-load\r\nAccept: */*\r\n"
    if let range = request.range {
      let last = range.length.map { "\(range.start &+ $0 &- 1)" } ?? ""
      fields += "Range: bytes=\(range.start)-\(last)\r\n"
    }
    fields += cmcd.fields(report)
    return output + Array((fields + "\r\n").utf8)
  }

  /// Takes some of the body, which lies in `bytes`.
  ///
  /// - Returns: false where a text is longer than anybody should take.
  func take(_ bytes: Span<UInt8>) -> Bool {
    guard request?.isText ?? false else {
      if status == 200 { check.feed(bytes) }
      return true
    }
    guard body.count + bytes.count <= LoadLimits.textBytes else { return false }
    unsafe bytes.withUnsafeBufferPointer { unsafe body.append(contentsOf: $0) }
    return true
  }

  /// What came of the request.
  ///
  /// - Parameters:
  ///   - failure: what went wrong, if anything did.
  ///   - offset: nanoseconds of Unix time minus those of the monotonic clock.
  /// - Returns: the answer for the player.
  func answer(_ failure: PlayerAnswer.Failure?, offset: Int64) -> PlayerAnswer {
    var failure = failure
    let bytes = connection.answer.bodyBytes
    if failure == nil, status == 206, let length = request?.range?.length, bytes != length {
      failure = .brokenOff
    }
    return PlayerAnswer(
      status: status, body: body, bytes: bytes, container: check.verdict,
      asked: asked &+ offset, firstByte: firstByte &+ offset, failure: failure)
  }

  /// Bytes that a paced reader may take now; `nil` for one that is not paced.
  func allowance(at now: Int64) -> Int? {
    guard case .media(_, let unit) = request?.purpose, unit.bandwidth > 0, firstByte > 0 else {
      return nil
    }
    let bytesPerSecond = Double(unit.bandwidth) / 8 * LoadLimits.pace
    let seconds = Double(now - firstByte + LoadLimits.paceInterval) / 1e9
    return Int(bytesPerSecond * seconds) - Int(clamping: connection.answer.bodyBytes)
  }
}
