internal import Bytes
internal import Loop
internal import Wire

/// `spillway load herd`: many viewers of one object that its origin sends slowly.
///
/// Origin and viewers share one thread and one clock. What is measured includes the time in which
/// the tool itself reads for others: some microseconds for each of them.
@safe public final class HerdRun {
  /// A viewer.
  private final class Follower {
    let connection: LoadConnection
    /// When it comes; `nil` until the first one has its first byte.
    var due: Int64?
    var firstByte: Int64?
    /// When the end of each piece had come.
    var cameAt: [Int64] = []

    init(slot: Int) { connection = LoadConnection(slot: slot) }
  }

  private let settings: HerdSettings
  private let network: KernelNetwork
  private let origin: PacedOrigin
  private let request: [UInt8]
  private var followers: [Follower]
  private var next = 0
  private var left: Int
  private var tally = HitTally()
  private var head = ResponseHead()
  private let buffer: UnsafeMutableRawBufferPointer
  private var events: [ReadyEvent] = []

  /// Loads the server and says what came of it.
  ///
  /// - Throws: `LoadError` where the settings make no sense, or nothing can be started.
  public static func run(
    _ settings: HerdSettings, progress: (String) -> Void
  ) throws(LoadError) -> HerdReport {
    try settings.check()
    LoadThreads.raiseDescriptorLimit()
    let run = try HerdRun(settings)
    return run.run(progress)
  }

  private init(_ settings: HerdSettings) throws(LoadError) {
    self.settings = settings
    do throws(SystemError) {
      network = try KernelNetwork()
    } catch {
      throw .failed("\(error)")
    }
    origin = try PacedOrigin(settings, network: network)
    // The first leads: it causes the fill.
    followers = (0...settings.followers).map { Follower(slot: $0) }
    left = followers.count
    let name = "herd-\(String(Instant.read().nanoseconds, radix: 36)).mp4"
    let target =
      settings.url.target.hasSuffix("/") ? settings.url.target + name : settings.url.target
    let host = settings.host ?? settings.url.authority
    request = Array(
      "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: spillway-load\r\n\r\n".utf8)
    unsafe buffer = .allocate(byteCount: LoadLimits.readBytes, alignment: 64)
  }

  deinit { unsafe buffer.deallocate() }

  private func run(_ progress: (String) -> Void) -> HerdReport {
    let start = network.instant().nanoseconds
    let limit = start &+ settings.spread &+ settings.span &+ settings.timeout
    followers[0].due = start
    while left > 0 {
      var now = network.instant().nanoseconds
      guard now < limit else { break }
      origin.send(at: now)
      while next < followers.count, let due = followers[next].due, due <= now {
        open(followers[next], at: now)
        next += 1
      }
      let due = [limit, origin.due ?? limit, next < followers.count ? followers[next].due : nil]
      network.wait(
        until: Instant(nanoseconds: due.compactMap { $0 }.min() ?? limit), into: &events)
      _ = network.wakeup.takeNotice()
      now = network.instant().nanoseconds
      for event in events { handle(event) }
      events.removeAll(keepingCapacity: true)
      progress("\(followers.count - left) of \(followers.count) viewers have it whole")
    }
    tally.unanswered += left
    for follower in followers where follower.connection.phase != .closed {
      network.close(follower.connection.socket)
    }
    origin.close()
    return HerdReport(
      settings: settings, originRequests: origin.requests, tally: tally, lag: lag())
  }

  /// How long after the origin had sent each piece each viewer had its last byte.
  private func lag() -> Latencies {
    var lag = Latencies()
    for follower in followers.dropFirst() {
      guard let due = follower.due else { continue }
      for (piece, came) in follower.cameAt.enumerated() where piece < origin.sentAt.count {
        // What was there before it came is no lag of the server's.
        if origin.sentAt[piece] >= due { lag.record(came - origin.sentAt[piece]) }
      }
    }
    return lag
  }

  // MARK: viewers

  private func open(_ follower: Follower, at now: Int64) {
    do throws(SystemError) {
      try follower.connection.connect(to: settings.url.address, over: network, at: now)
    } catch {
      tally.refused += 1
      left -= 1
    }
  }

  private func handle(_ event: ReadyEvent) {
    guard event.token.bits & PacedOrigin.tokenBit == 0 else {
      return unsafe origin.handle(event, buffer)
    }
    let follower = followers[Int(event.token.bits & 0xFFFF_FFFF)]
    let connection = follower.connection
    guard connection.phase != .closed, connection.token == event.token else { return }
    if event.readiness.contains(.writable) { becomeWritable(follower) }
    if event.readiness.contains(.readable), connection.phase == .asking { read(follower) }
  }

  private func becomeWritable(_ follower: Follower) {
    let connection = follower.connection
    guard connection.phase == .connecting else { return connection.sendRest(over: network) }
    guard connection.isConnected(over: network) else {
      tally.refused += 1
      return end(follower)
    }
    connection.phase = .asking
    connection.asked = network.instant().nanoseconds
    connection.answer.begin()
    connection.send(request, over: network)
  }

  private func read(_ follower: Follower) {
    let connection = follower.connection
    guard case .moved(let count) = unsafe network.read(connection.socket, into: buffer) else {
      tally.broken += 1
      return end(follower)
    }
    let now = network.instant().nanoseconds
    var whole: [UInt8] = []
    swap(&whole, &connection.held)
    unsafe whole.append(contentsOf: buffer[..<count])
    var position = 0
    while true {
      let step = connection.answer.next(whole.span, at: &position, head: &head)
      note(follower, at: now)
      switch step {
      case .head: tally.statuses[Int(head.status / 100)] += 1
      case .body: continue
      case .more:
        connection.held = Array(whole[position...])
        return
      case .end:
        tally.answers += 1
        tally.whole.record(now - connection.asked)
        if connection.answer.bodyBytes != UInt64(settings.bytes) { tally.broken += 1 }
        return end(follower)
      case .malformed:
        tally.malformed += 1
        return end(follower)
      }
    }
  }

  /// Notes the first byte and the pieces that are complete.
  private func note(_ follower: Follower, at now: Int64) {
    let bytes = Int(follower.connection.answer.bodyBytes)
    guard bytes > 0 else { return }
    if follower.firstByte == nil {
      follower.firstByte = now
      if follower.connection.slot > 0 {
        tally.firstByte.record(now - follower.connection.asked)
      } else {
        invite(at: now)
      }
    }
    while follower.cameAt.count < settings.pieces,
      settings.end(ofPiece: follower.cameAt.count) <= bytes
    {
      follower.cameAt.append(now)
    }
  }

  /// The first has its first byte: the others come, evenly.
  private func invite(at now: Int64) {
    let count = Int64(followers.count - 1)
    for index in 1..<followers.count {
      followers[index].due = now &+ settings.spread &* Int64(index - 1) / count
    }
  }

  private func end(_ follower: Follower) {
    network.close(follower.connection.socket)
    follower.connection.phase = .closed
    left -= 1
    // Without its leader a herd does not come.
    if follower.connection.slot == 0, next == 1, follower.firstByte == nil { left = 0 }
  }
}
