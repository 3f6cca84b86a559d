/// A viewer's screen: how far playing has come, and when it stood still.
///
/// Times are nanoseconds; media plays as fast as the clock goes while there is some of each track.
struct Playback {
  /// What the viewer sees.
  enum State { case starting, playing, stalled, ended }

  private(set) var state = State.starting
  /// When the viewer pressed play.
  let begun: Int64
  /// How much of each track has come.
  private var ends: [Int64]
  private var position: Int64 = 0
  private var reached: Int64
  private var isComplete = false
  /// From pressing play to the first picture; `nil` until then.
  private(set) var startup: Int64?
  /// How often the picture stood still for want of media.
  private(set) var stalls = 0
  /// For how long in all.
  private(set) var stalled: Int64 = 0
  /// For how long at a time at most.
  private(set) var longestStall: Int64 = 0
  /// For how long since it moved last.
  private var still: Int64 = 0
  /// How long it was moving.
  private(set) var played: Int64 = 0

  init(tracks: Int, begun: Int64) {
    ends = Array(repeating: 0, count: tracks)
    self.begun = begun
    reached = begun
  }

  /// What is left to play before the next stall.
  var buffered: Int64 { (ends.min() ?? 0) - position }

  /// How far a track has come, whatever was played of it.
  func end(of track: Int) -> Int64 { ends[track] }

  /// What is left to play of a track.
  func buffered(of track: Int) -> Int64 { ends[track] - position }

  /// Lets time pass.
  mutating func advance(to now: Int64) {
    guard now > reached else { return }
    let passed = now - reached
    reached = now
    switch state {
    case .starting, .ended: break
    case .stalled: stand(passed)
    case .playing:
      let moved = min(passed, buffered)
      position += moved
      played += moved
      guard moved < passed else { return }
      state = isComplete ? .ended : .stalled
      if !isComplete {
        stalls += 1
        still = 0
        stand(passed - moved)
      }
    }
  }

  private mutating func stand(_ length: Int64) {
    stalled += length
    still += length
    longestStall = max(longestStall, still)
  }

  /// Media has come.
  mutating func append(_ length: Int64, to track: Int, at now: Int64) {
    advance(to: now)
    ends[track] += length
    startIfPossible(at: now)
  }

  /// Nothing more will come: the end is no stall.
  mutating func complete(at now: Int64) {
    advance(to: now)
    isComplete = true
    if state == .stalled || buffered <= 0 { state = .ended }
  }

  private mutating func startIfPossible(at now: Int64) {
    guard state == .starting || state == .stalled, buffered > 0 else { return }
    state = .playing
    if startup == nil { startup = now - begun }
  }
}
