internal import Bytes
internal import Glibc
internal import Wire

/// One client at an admin door: it asks once, is answered, and is closed.
struct AdminConnection {
  /// Where the connection is on its way.
  private enum Phase {
    case reading
    case answering
    /// The answer is sent and our side ended; what the client still sends is thrown away, because
    /// closing over unread bytes would send an RST that may destroy the answer.
    case ending
  }

  /// The socket, non-blocking.
  let descriptor: Int32
  /// The door that it came through.
  let door: AdminRouter.Door
  /// When patience ends.
  private(set) var deadline: Instant
  private var phase = Phase.reading
  private var received: [UInt8] = []
  private var answer: [UInt8] = []
  private var sentCount = 0

  /// Starts to serve an accepted socket.
  init(descriptor: Int32, door: AdminRouter.Door, now: Instant) {
    self.descriptor = descriptor
    self.door = door
    deadline = now + AdminLimits.requestTime
  }

  /// What `poll` is to wait for.
  var interest: Int16 { phase == .answering ? Int16(POLLOUT) : Int16(POLLIN) }

  /// Goes on as far as the socket allows.
  ///
  /// - Returns: `false` when the connection is over and its socket is to be closed.
  mutating func proceed(_ router: AdminRouter, now: Instant) -> Bool {
    while true {
      switch phase {
      case .reading:
        guard let count = receive() else { return true }
        guard count > 0 else { return false }
        understand(router, now: now)
        if phase == .reading { continue }
      case .answering:
        guard let hasSent = sendSome(now: now) else { return true }
        guard hasSent else { return false }
      case .ending:
        guard let count = receive() else { return true }
        guard count > 0 else { return false }
        received.removeAll(keepingCapacity: true)
      }
    }
  }

  /// The deadline has come: a late request is answered with 408, all else is over.
  mutating func expire(now: Instant) -> Bool {
    guard phase == .reading, !received.isEmpty else { return false }
    start(.refusal(408, "The request took longer than 5 s."), withBody: true, now: now)
    return true
  }

  private mutating func understand(_ router: AdminRouter, now: Instant) {
    do {
      guard let request = try AdminRequest.parse(received) else { return }
      start(
        router.answer(request, through: door), withBody: request.method != .head, now: now)
    } catch {
      start(.refusal(error.status, error.message), withBody: true, now: now)
    }
  }

  private mutating func start(_ answer: AdminAnswer, withBody: Bool, now: Instant) {
    self.answer = answer.bytes(withBody: withBody)
    received = []
    phase = .answering
    deadline = now + AdminLimits.answerTime
  }

  /// Reads once; `nil` when there is nothing now, zero or less at the end.
  private mutating func receive() -> Int? {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    let count = unsafe chunk.withUnsafeMutableBytes { buffer in
      unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
    }
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return nil }
    if count > 0 { received += chunk[..<count] }
    return count
  }

  /// Sends what is left; `nil` when the socket is full, `false` when it is broken.
  private mutating func sendSome(now: Instant) -> Bool? {
    while sentCount < answer.count {
      let count = unsafe answer.withUnsafeBytes { buffer in
        unsafe send(
          descriptor, buffer.baseAddress?.advanced(by: sentCount), buffer.count - sentCount,
          Int32(MSG_NOSIGNAL))
      }
      if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : false }
      sentCount += count
    }
    shutdown(descriptor, Int32(SHUT_WR))
    phase = .ending
    deadline = now + AdminLimits.closeTime
    return true
  }
}
