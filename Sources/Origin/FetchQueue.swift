/// How much depends on a fetch when not all can run at once.
public enum FetchUrgency: Int, Comparable, CaseIterable, Sendable {
  /// Playlists and manifests: without them a player knows of nothing.
  case playlist
  /// Initialization segments and keys: without them nothing plays.
  case initialization
  /// Media that players wait for now.
  case liveEdge
  /// Everything else: what is on demand has been stored for a while or can wait.
  case other

  /// Orders by importance, the most important first.
  public static func < (left: FetchUrgency, right: FetchUrgency) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// Who of an origin's fetches runs and who waits for his turn: a value.
///
/// A permit that becomes free goes to the most urgent fetch that waits, the longest waiting first,
/// on whichever worker. Each urgency has a line of its own, so that a crowd in one never keeps
/// another from waiting.
struct FetchQueue {
  /// A fetch that waits.
  struct Waiter: Equatable {
    var worker: Int
    var fetch: FetchID
  }

  /// What became of a fetch that wants to run.
  enum Entry: Equatable {
    /// It runs.
    case runs
    /// It waits.
    case waits
    /// Too many wait.
    case refused
  }

  /// How many may run (`max_fills`); a change holds for what comes.
  var limit: Int
  /// How many run.
  private(set) var running = 0
  private var lines: [[Waiter]] = Array(repeating: [], count: FetchUrgency.allCases.count)

  init(limit: Int) { self.limit = limit }

  /// A fetch wants to run.
  mutating func enter(_ waiter: Waiter, _ urgency: FetchUrgency) -> Entry {
    if takeSpare() { return .runs }
    guard lines[urgency.rawValue].count < OriginLimits.waitingMax else { return .refused }
    lines[urgency.rawValue].append(waiter)
    return .waits
  }

  /// Whether one more may run.
  var hasSpare: Bool { running < limit }

  /// Takes a permit that nobody waits for, if there is one.
  mutating func takeSpare() -> Bool {
    guard hasSpare else { return false }
    running += 1
    return true
  }

  /// A fetch no longer wants to wait; false where its permit is on the way already.
  mutating func leave(_ waiter: Waiter, _ urgency: FetchUrgency) -> Bool {
    guard let place = lines[urgency.rawValue].firstIndex(of: waiter) else { return false }
    lines[urgency.rawValue].remove(at: place)
    return true
  }

  /// A fetch has ended; its permit is now that of the one returned, if any.
  mutating func ended() -> Waiter? {
    precondition(running > 0, "more permits come back than were given")
    if running <= limit, let line = lines.firstIndex(where: { !$0.isEmpty }) {
      return lines[line].removeFirst()
    }
    running -= 1
    return nil
  }
}
