public import Bytes

/// Names one timer of a wheel; a name outlives its timer harmlessly.
public struct TimerID: Equatable, Sendable {
  fileprivate let index: UInt32
  fileprivate let generation: UInt32

  fileprivate init(index: UInt32, generation: UInt32) {
    self.index = index
    self.generation = generation
  }

  /// Names no timer.
  public static let none = TimerID(index: 0, generation: 0)
}

/// All deadlines of a worker: 4096 slots of 10 ms, with the timers in a slab.
///
/// Setting, moving and cancelling are O(1) and allocate nothing after warm-up. A timer that moves
/// to a later deadline is only noted; it is put into its new slot when the old one comes up, so an
/// idle limit that every request pushes away costs a store. Deadlines further than the wheel's
/// round (41 s) wait in its last slot and are put forward once a round.
///
/// A timer never fires early, and at most one tick after its deadline when `advance` is called in
/// time. One worker owns the wheel and uses it on its thread alone.
public final class TimerWheel {
  /// The granularity: a tick.
  public static let tick = Milliseconds(10)

  private static let tickNanoseconds = tick.count * 1_000_000
  private static let slotCount: Int64 = 4096
  private static let due = Int32(slotCount)
  private static let firstTimer = due + 1

  /// A place in a circular list: slots' heads first, then the list of due timers, then timers.
  private struct Link {
    var next: Int32
    var previous: Int32
  }

  private struct Timer {
    var dueTick: Int64
    var linkedTick: Int64
    var token: Token
    /// Odd while the timer is set, even while its place is free.
    var generation: UInt32
    var nextFree: Int32
  }

  private var links: [Link] = []
  private var timers: [Timer] = []
  private var firstFree: Int32 = -1
  private var occupied: [UInt64]
  private var occupiedWords: UInt64 = 0
  private var reached: Int64

  /// How many timers are set.
  public private(set) var count = 0

  /// Makes an empty wheel whose time starts at `now`.
  public init(now: Instant, reserve: Int = 1024) {
    reached = now.nanoseconds / TimerWheel.tickNanoseconds
    occupied = Array(repeating: 0, count: Int(TimerWheel.slotCount / 64))
    links.reserveCapacity(Int(TimerWheel.firstTimer) + reserve)
    timers.reserveCapacity(reserve)
    for index in 0...TimerWheel.due { links.append(Link(next: index, previous: index)) }
  }

  /// Sets a new timer that reports `token` once at `deadline`.
  public func set(_ deadline: Instant, for token: Token) -> TimerID {
    let index = takePlace()
    let tick = max(TimerWheel.tick(roundingUp: deadline), reached &+ 1)
    timers[index].dueTick = tick
    timers[index].token = token
    timers[index].generation &+= 1
    link(index)
    count += 1
    return TimerID(index: UInt32(index), generation: timers[index].generation)
  }

  /// Gives a set timer another deadline; a store when it is later than the present one.
  ///
  /// - Returns: `false` when the timer has fired or was cancelled: set a new one.
  @discardableResult
  public func move(_ id: TimerID, to deadline: Instant) -> Bool {
    guard isSet(id) else { return false }
    let index = Int(id.index)
    let tick = max(TimerWheel.tick(roundingUp: deadline), reached &+ 1)
    timers[index].dueTick = tick
    if tick < timers[index].linkedTick {
      unlink(index)
      link(index)
    }
    return true
  }

  /// Takes a timer back, also one that is due but has not been reported.
  ///
  /// A timer that is no longer set is left alone.
  public func cancel(_ id: TimerID) {
    guard isSet(id) else { return }
    let index = Int(id.index)
    unlink(index)
    free(index)
  }

  /// The timer has neither fired nor been cancelled.
  @inline(__always)
  public func isSet(_ id: TimerID) -> Bool {
    let index = Int(id.index)
    return id.generation & 1 == 1 && index < timers.count
      && timers[index].generation == id.generation
  }

  /// Moves the wheel to `now`: what has come up is reported by `popExpired` from now on.
  public func advance(to now: Instant) {
    let tick = now.nanoseconds / TimerWheel.tickNanoseconds
    guard tick > reached else { return }
    var left = min(tick &- reached, TimerWheel.slotCount)
    var from = reached &+ 1
    while left > 0, let distance = distanceToOccupied(from: from, within: left) {
      from &+= distance
      left &-= distance
      splice(slot: Int(from & (TimerWheel.slotCount - 1)))
    }
    reached = tick
  }

  /// The token of the next timer that has come up, or `nil` when there is none left.
  ///
  /// A timer cancelled or moved away between two calls is not reported.
  public func popExpired() -> Token? {
    while links[Int(TimerWheel.due)].next != TimerWheel.due {
      let index = Int(links[Int(TimerWheel.due)].next - TimerWheel.firstTimer)
      unlink(index)
      guard timers[index].dueTick > reached else {
        free(index)
        return timers[index].token
      }
      link(index)
    }
    return nil
  }

  /// When `advance` is to be called next; `nil` when no timer is set.
  ///
  /// May be early: of a moved timer it is the old deadline.
  public var nextDeadline: Instant? {
    guard count > 0 else { return nil }
    let hasDue = links[Int(TimerWheel.due)].next != TimerWheel.due
    var tick = reached
    if !hasDue {
      let distance = distanceToOccupied(from: reached &+ 1, within: TimerWheel.slotCount) ?? 0
      tick = reached &+ 1 &+ distance
    }
    return Instant(nanoseconds: tick &* TimerWheel.tickNanoseconds)
  }

  private static func tick(roundingUp deadline: Instant) -> Int64 {
    let (tick, rest) = deadline.nanoseconds.quotientAndRemainder(dividingBy: tickNanoseconds)
    return rest > 0 ? tick + 1 : tick
  }

  private func takePlace() -> Int {
    if firstFree >= 0 {
      let index = Int(firstFree)
      firstFree = timers[index].nextFree
      return index
    }
    timers.append(
      Timer(dueTick: 0, linkedTick: 0, token: Token(bits: 0), generation: 0, nextFree: -1))
    links.append(Link(next: 0, previous: 0))
    return timers.count - 1
  }

  private func free(_ index: Int) {
    timers[index].generation &+= 1
    timers[index].nextFree = firstFree
    firstFree = Int32(index)
    count -= 1
  }

  /// Puts a timer into the slot of its deadline, or into the last one before the round ends.
  private func link(_ index: Int) {
    let tick = min(timers[index].dueTick, reached &+ TimerWheel.slotCount &- 1)
    timers[index].linkedTick = tick
    let slot = Int(tick & (TimerWheel.slotCount - 1))
    let place = Int32(index) + TimerWheel.firstTimer
    let last = links[slot].previous
    links[Int(place)] = Link(next: Int32(slot), previous: last)
    links[Int(last)].next = place
    links[slot].previous = place
    occupied[slot >> 6] |= 1 << UInt64(slot & 63)
    occupiedWords |= 1 << UInt64(slot >> 6)
  }

  private func unlink(_ index: Int) {
    let link = links[index + Int(TimerWheel.firstTimer)]
    links[Int(link.next)].previous = link.previous
    links[Int(link.previous)].next = link.next
    if link.next == link.previous && link.next < TimerWheel.due { clear(slot: Int(link.next)) }
  }

  private func clear(slot: Int) {
    occupied[slot >> 6] &= ~(1 << UInt64(slot & 63))
    if occupied[slot >> 6] == 0 { occupiedWords &= ~(1 << UInt64(slot >> 6)) }
  }

  /// Moves a slot's whole list to the end of the list of due timers.
  private func splice(slot: Int) {
    let due = Int(TimerWheel.due)
    let first = links[slot].next
    let last = links[slot].previous
    let end = links[due].previous
    links[Int(end)].next = first
    links[Int(first)].previous = end
    links[Int(last)].next = TimerWheel.due
    links[due].previous = last
    links[slot] = Link(next: Int32(slot), previous: Int32(slot))
    clear(slot: slot)
  }

  /// How far the next occupied slot is from the one of tick `from`, if nearer than `limit` ticks.
  private func distanceToOccupied(from: Int64, within limit: Int64) -> Int64? {
    guard occupiedWords != 0 else { return nil }
    let slot = Int(from & (TimerWheel.slotCount - 1))
    let word = slot >> 6
    var found = -1
    let here = occupied[word] & (~0 << UInt64(slot & 63))
    let later = word == 63 ? 0 : occupiedWords & (~0 << UInt64(word + 1))
    if here != 0 {
      found = word << 6 | here.trailingZeroBitCount
    } else if later != 0 {
      found = firstOccupied(inWord: later.trailingZeroBitCount)
    } else {
      found = firstOccupied(inWord: occupiedWords.trailingZeroBitCount)
    }
    let distance = Int64(found - slot) & (TimerWheel.slotCount - 1)
    return distance < limit ? distance : nil
  }

  private func firstOccupied(inWord word: Int) -> Int {
    word << 6 | occupied[word].trailingZeroBitCount
  }
}
