public import Bytes
internal import CLibevent
internal import CLinux
internal import Glibc

/// The real network: non-blocking sockets, system calls, and libevent as the poller.
///
/// One per worker, on its thread alone; evthread is never enabled. libevent knows each watched
/// descriptor by one event, our `eventfd` and one `timerfd`, which carries the next deadline: an
/// absolute one is armed only when it is earlier than the armed one, so most turns cost neither a
/// system call nor a clock for it. Callbacks only append to a list. Changes of interest reach the
/// kernel in one batch per wait (`EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST`), so a connection that
/// comes and goes within a turn, or a write interest that does, costs no `epoll_ctl`.
@safe public final class KernelNetwork: Network {
  private let base: OpaquePointer
  private let timer: Int32
  private let wakeEvent: UnsafeMutablePointer<event>
  private let timerEvent: UnsafeMutablePointer<event>
  private var watches = WatchPool()
  private var ready: [ReadyEvent] = []
  private var armed = Instant.distantFuture
  private let pieces: UnsafeMutablePointer<iovec>

  /// Makes a network; on the thread that will use it.
  ///
  /// Broken pipes are ignored from now on in the whole process, since `sendfile` has no
  /// `MSG_NOSIGNAL`.
  /// - Throws: `SystemError` when descriptors or memory have run out.
  public init() throws(SystemError) {
    let wakeup = try Wakeup()
    let made = spillway_make_timer()
    guard made >= 0 else { throw SystemError(call: "timerfd_create") }
    guard let base = unsafe KernelNetwork.makeBase() else {
      _ = Glibc.close(made)
      throw SystemError(code: ENOMEM, call: "event_base_new_with_config")
    }
    signal(SIGPIPE, SIG_IGN)
    unsafe self.base = base
    timer = made
    unsafe wakeEvent = .allocate(capacity: 1)
    unsafe timerEvent = .allocate(capacity: 1)
    unsafe pieces = .allocate(capacity: LoopLimits.piecesPerWrite)
    super.init(wakeup: wakeup)
    ready.reserveCapacity(1024)
    // Edge-triggered, so that neither counter need ever be read.
    let kind = Int16(EV_READ | EV_PERSIST) | Int16(truncatingIfNeeded: EV_ET)
    let this = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe event_assign(wakeEvent, base, wakeup.descriptor, kind, wakeFired, nil)
    unsafe event_assign(timerEvent, base, timer, kind, timerFired, this)
    let code = unsafe event_add(wakeEvent, nil) | event_add(timerEvent, nil)
    precondition(code == 0, "libevent cannot watch a descriptor of its own")
  }

  /// Frees in this order: watches with their sockets, own events, the base, the timer.
  deinit {
    unsafe watches.removeAll { watch in
      if unsafe !watch.pointee.interest.isEmpty { unsafe event_del(&watch.pointee.event) }
      _ = unsafe Glibc.close(watch.pointee.descriptor)
    }
    unsafe event_del(wakeEvent)
    unsafe event_del(timerEvent)
    unsafe event_base_free(base)
    unsafe wakeEvent.deallocate()
    unsafe timerEvent.deallocate()
    unsafe pieces.deallocate()
    _ = Glibc.close(timer)
  }

  private static func makeBase() -> OpaquePointer? {
    guard let configuration = unsafe event_config_new() else { return nil }
    defer { unsafe event_config_free(configuration) }
    let flags =
      EVENT_BASE_FLAG_NOLOCK.rawValue | EVENT_BASE_FLAG_IGNORE_ENV.rawValue
      | EVENT_BASE_FLAG_NO_CACHE_TIME.rawValue | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST.rawValue
    unsafe event_config_set_flag(configuration, Int32(flags))
    unsafe event_config_require_features(configuration, Int32(EV_FEATURE_ET.rawValue))
    return unsafe event_base_new_with_config(configuration)
  }

  public override func accept(_ listener: Socket) -> Acceptance {
    SystemCalls.accept(listener.descriptor)
  }

  public override func read(
    _ socket: Socket, into buffer: UnsafeMutableRawBufferPointer
  ) -> Transfer {
    unsafe SystemCalls.read(socket.descriptor, into: buffer)
  }

  public override func write(
    _ socket: Socket, _ pieces: UnsafeBufferPointer<UnsafeRawBufferPointer>, more: Bool
  ) -> Transfer {
    var flags = Int32(MSG_NOSIGNAL)
    if more { flags |= Int32(MSG_MORE) }
    if pieces.count == 1 {
      return unsafe SystemCalls.send(socket.descriptor, pieces[0], flags: flags)
    }
    let count = min(pieces.count, LoopLimits.piecesPerWrite)
    guard count > 0 else { return .moved(0) }
    for index in 0..<count {
      let piece = unsafe pieces[index]
      unsafe self.pieces[index] = unsafe iovec(
        iov_base: UnsafeMutableRawPointer(mutating: piece.baseAddress), iov_len: piece.count)
    }
    return unsafe SystemCalls.sendPieces(
      socket.descriptor, self.pieces, count: count, flags: flags)
  }

  public override func sendFile(
    _ socket: Socket, descriptor: Int32, offset: Int, count: Int
  ) -> Transfer {
    SystemCalls.sendFile(socket.descriptor, from: descriptor, offset: offset, count: count)
  }

  public override func connect(to address: SocketAddress) throws(SystemError) -> Socket {
    Socket(descriptor: try SystemCalls.connect(to: address))
  }

  public override func connectResult(_ socket: Socket) -> Int32 {
    SystemCalls.option(socket.descriptor, SOL_SOCKET, SO_ERROR) ?? errno
  }

  public override func finishWriting(_ socket: Socket) {
    // A peer that has reset already is told by the next read.
    _ = shutdown(socket.descriptor, Int32(SHUT_WR))
  }

  public override func reset(_ socket: Socket) {
    _ = spillway_reset_on_close(socket.descriptor)
    close(socket)
  }

  public override func wait(until deadline: Instant?, into events: inout [ReadyEvent]) {
    var mode = EVLOOP_ONCE
    if let deadline {
      if deadline.nanoseconds == .min {
        mode |= EVLOOP_NONBLOCK
      } else if deadline < armed {
        armed = deadline
        let code = spillway_arm_timer(timer, deadline.nanoseconds)
        precondition(code == 0, "timerfd_settime refused a deadline")
      }
    }
    if mode & EVLOOP_NONBLOCK == 0 && !wakeup.prepareToSleep() { mode |= EVLOOP_NONBLOCK }
    let code = unsafe event_base_loop(base, mode)
    precondition(code >= 0, "event_base_loop failed")
    if events.isEmpty {
      swap(&events, &ready)
    } else {
      events.append(contentsOf: ready)
      ready.removeAll(keepingCapacity: true)
    }
  }

  public override func watch(_ socket: Socket, for token: Token) {
    let watch = unsafe watches.insert(socket.descriptor)
    unsafe watch.pointee.token = token
    unsafe watch.pointee.descriptor = socket.descriptor
    unsafe watch.pointee.network = Unmanaged.passUnretained(self)
    unsafe apply(.readable, to: watch)
  }

  public override func setInterest(_ socket: Socket, _ interest: Readiness) {
    guard let watch = unsafe watches.find(socket.descriptor) else {
      preconditionFailure("the interest of an unwatched socket was changed")
    }
    guard unsafe watch.pointee.interest != interest else { return }
    if unsafe !watch.pointee.interest.isEmpty { unsafe event_del(&watch.pointee.event) }
    unsafe apply(interest, to: watch)
  }

  public override func close(_ socket: Socket) {
    stopWatching(socket)
    _ = Glibc.close(socket.descriptor)
  }

  /// Stops watching; the socket stays open.
  private func stopWatching(_ socket: Socket) {
    guard let watch = unsafe watches.find(socket.descriptor) else { return }
    if unsafe !watch.pointee.interest.isEmpty { unsafe event_del(&watch.pointee.event) }
    unsafe watches.remove(watch)
  }

  public override func instant() -> Instant { Instant.read() }

  public override func wallTime() -> WallTime { WallTime.read() }

  private func apply(_ interest: Readiness, to watch: UnsafeMutablePointer<Watch>) {
    unsafe watch.pointee.interest = interest
    guard !interest.isEmpty else { return }
    var kind = EV_PERSIST
    if interest.contains(.readable) { kind |= EV_READ }
    if interest.contains(.writable) { kind |= EV_WRITE }
    unsafe event_assign(
      &watch.pointee.event, base, watch.pointee.descriptor, Int16(kind), socketFired, watch)
    let code = unsafe event_add(&watch.pointee.event, nil)
    precondition(code == 0, "libevent cannot watch a socket")
  }

  /// What `socketFired` does: only notes who is ready.
  @inline(__always)
  fileprivate func note(_ token: Token, _ readiness: Readiness) {
    ready.append(ReadyEvent(token: token, readiness: readiness))
  }

  /// What `timerFired` does: the deadline has come, none is armed.
  fileprivate func disarm() { armed = .distantFuture }
}

private let socketFired: @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void = {
  _, what, argument in
  guard let watch = unsafe argument?.assumingMemoryBound(to: Watch.self) else { return }
  var readiness: Readiness = []
  if Int32(what) & EV_READ != 0 { readiness.insert(.readable) }
  if Int32(what) & EV_WRITE != 0 { readiness.insert(.writable) }
  let token = unsafe watch.pointee.token
  unsafe watch.pointee.network?._withUnsafeGuaranteedRef { $0.note(token, readiness) }
}

private let timerFired: @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void = {
  _, _, argument in
  guard let argument = unsafe argument else { return }
  unsafe Unmanaged<KernelNetwork>.fromOpaque(argument)._withUnsafeGuaranteedRef { $0.disarm() }
}

/// The wakeup's state says all; the event only ends the wait.
private let wakeFired: @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void = {
  _, _, _ in
}
