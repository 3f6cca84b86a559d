public import Bytes

/// What a worker does in a turn; Delivery's worker is the one that serves.
///
/// All calls come on the loop's thread, in the order of a turn (design, section 2): sockets,
/// messages, expired timers, then the end of the turn.
open class LoopDriver {
  /// Makes a driver.
  public init() {}

  /// A watched socket became ready.
  ///
  /// The socket may have been closed earlier in the same turn: check the token's generation.
  open func socketReady(_ event: ReadyEvent, loop: EventLoop) {}

  /// Takes what other threads have posted; called in each turn after a `wake` of the loop.
  ///
  /// A mailbox made with the network's wakeup wakes the loop by itself, so nothing is missed.
  open func drainMailbox(loop: EventLoop) {}

  /// A timer set on the loop's wheel has expired.
  open func timerExpired(_ token: Token, loop: EventLoop) {}

  /// Runs the run queue, flushes outboxes, publishes access records.
  ///
  /// - Returns: `true` when work is left, so that the next turn must not wait.
  open func endTurn(loop: EventLoop) -> Bool { false }
}

/// Turns that took longer than `LoopLimits.turnBudget`, by the step that was to blame.
public struct LoopStalls: Equatable, Sendable {
  /// All of them, whether or not the steps were measured.
  public var turns: UInt64 = 0
  /// In `socketReady`.
  public var sockets: UInt64 = 0
  /// In `drainMailbox`.
  public var messages: UInt64 = 0
  /// In `timerExpired`.
  public var timers: UInt64 = 0
  /// In `endTurn`.
  public var end: UInt64 = 0

  /// No stall.
  public init() {}
}

/// One worker's loop: waits on its network, reads the clocks once, and leads its driver through a
/// turn.
///
/// Lives on one thread. The whole turn is measured always; after a stall the next
/// `LoopLimits.turnsUnderWatch` turns are measured step by step, so that the clock is not read four
/// more times for every request of a healthy node.
public final class EventLoop {
  /// Which worker this is, from zero.
  public let index: Int
  /// The worker's sockets.
  public let network: Network
  /// The worker's deadlines.
  public let timers: TimerWheel
  /// The monotonic clock as read after waking in this turn.
  public private(set) var now: Instant
  /// The wall clock as read after waking in this turn.
  public private(set) var wall: WallTime
  /// What the watchdog has counted.
  public private(set) var stalls = LoopStalls()
  /// How many turns have been made.
  public private(set) var turns: UInt64 = 0

  private var driver: LoopDriver
  private var events: [ReadyEvent] = []
  private var workIsLeft = true
  private var isStopping = false
  private var turnsUnderWatch = 0
  private var wallRead: WallTime
  private var wallReadAt: Instant

  /// Makes a loop that has read its clocks.
  ///
  /// A driver that owns its loop gives itself by `setDriver`, before the first turn.
  public init(index: Int, network: Network, driver: LoopDriver = LoopDriver()) {
    self.index = index
    self.network = network
    self.driver = driver
    now = network.instant()
    wall = network.wallTime()
    wallRead = wall
    wallReadAt = now
    timers = TimerWheel(now: now)
    events.reserveCapacity(1024)
  }

  /// Until when the next turn will wait: in the past when work is left, `nil` for ever.
  public var nextDeadline: Instant? {
    workIsLeft ? Instant(nanoseconds: .min) : timers.nextDeadline
  }

  /// Names the driver; an empty one breaks the ring of a driver and the loop that it owns.
  public func setDriver(_ driver: LoopDriver) { self.driver = driver }

  /// Turns until `stop` is called.
  public func run() {
    isStopping = false
    while !isStopping { turn() }
  }

  /// Ends `run` after the present turn; on the loop's thread.
  public func stop() {
    isStopping = true
    network.wakeup.wake()
  }

  /// One turn: wait, read the clocks, sockets, messages, timers, end.
  public func turn() {
    network.wait(until: nextDeadline, into: &events)
    now = network.instant()
    readWall()
    turns &+= 1
    if turnsUnderWatch > 0 {
      turnsUnderWatch -= 1
      takeMeasuredSteps()
    } else {
      takeSteps()
    }
    let taken = network.instant().nanoseconds &- now.nanoseconds
    if taken > EventLoop.turnBudgetNanoseconds {
      stalls.turns &+= 1
      turnsUnderWatch = LoopLimits.turnsUnderWatch
    }
  }

  /// The wall clock goes with the monotonic one and is read anew once a second: a turn of one hit
  /// costs a clock reading less, and a step of the wall clock is followed within a second.
  private func readWall() {
    let since = now.nanoseconds &- wallReadAt.nanoseconds
    if since < 1_000_000_000 {
      wall = WallTime(milliseconds: wallRead.milliseconds &+ since / 1_000_000)
    } else {
      wallRead = network.wallTime()
      wallReadAt = now
      wall = wallRead
    }
  }

  private static let turnBudgetNanoseconds = LoopLimits.turnBudget.count * 1_000_000

  private func takeSteps() {
    deliverEvents()
    deliverMessages()
    deliverTimers()
    workIsLeft = driver.endTurn(loop: self)
  }

  private func takeMeasuredSteps() {
    var started = now
    deliverEvents()
    stalls.sockets &+= stall(since: &started)
    deliverMessages()
    stalls.messages &+= stall(since: &started)
    deliverTimers()
    stalls.timers &+= stall(since: &started)
    workIsLeft = driver.endTurn(loop: self)
    stalls.end &+= stall(since: &started)
  }

  private func deliverEvents() {
    guard !events.isEmpty else { return }
    // By index: an iterator would retain the array for each turn's event or two.
    var index = 0
    while index < events.count {
      driver.socketReady(events[index], loop: self)
      index &+= 1
    }
    events.removeAll(keepingCapacity: true)
  }

  private func deliverMessages() {
    if network.wakeup.takeNotice() { driver.drainMailbox(loop: self) }
  }

  private func deliverTimers() {
    timers.advance(to: now)
    while let token = timers.popExpired() { driver.timerExpired(token, loop: self) }
  }

  private func stall(since started: inout Instant) -> UInt64 {
    let ended = network.instant()
    defer { started = ended }
    return ended.nanoseconds &- started.nanoseconds > EventLoop.turnBudgetNanoseconds ? 1 : 0
  }
}
