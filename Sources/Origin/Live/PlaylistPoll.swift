public import Bytes
public import Streams

/// What one server said, and when.
public protocol StreamSighting: Sendable {
  /// The server, as an index into its origin's.
  var server: Int { get }
  /// When it came.
  var at: Instant { get }
}

/// What one server said of a live media playlist.
public struct PlaylistSighting: StreamSighting {
  /// The server, as an index into its origin's.
  public let server: Int
  /// The bytes as they came.
  public let body: [UInt8]
  /// What they say.
  public let text: PlaylistText
  /// When they came.
  public let at: Instant

  /// Reads what a server sent; `nil` for what is no media playlist, which passes as it is.
  public init?(server: Int, body: [UInt8], at: Instant) {
    guard let text = PlaylistText.read(body.span), text.skippedCount == 0 else { return nil }
    self.server = server
    self.body = body
    self.text = text
    self.at = at
  }
}

/// One question for a playlist, and what servers have answered to it so far.
public typealias PlaylistPoll = StreamPoll<PlaylistSighting>

/// One question for a playlist or manifest, and what servers have answered to it so far.
public struct StreamPoll<Sighting: StreamSighting>: Sendable {
  /// The answers in their order.
  public private(set) var sightings: [Sighting] = []
  /// The servers that were asked and gave no playlist.
  public private(set) var failed: ServerSet = []
  /// How many of the answers the presentation has taken note of.
  var noted = 0

  /// Nobody has answered.
  public init() {}

  /// A server has answered.
  public mutating func add(_ sighting: Sighting) { sightings.append(sighting) }

  /// A server gave no playlist, or none in time.
  public mutating func add(failureOf server: Int) { failed.insert(server) }

  /// The last answer counts as none: what it names cannot be had.
  public mutating func withdrawLast() {
    guard let last = sightings.popLast() else { return }
    add(failureOf: last.server)
  }

  /// Whether a server has answered, or failed to.
  func hasAsked(_ server: Int) -> Bool {
    failed.contains(server) || sightings.contains { $0.server == server }
  }

  /// The newest answer of a server.
  func sighting(of server: Int) -> Int? { sightings.lastIndex { $0.server == server } }
}

extension StreamPoll where Sighting == PlaylistSighting {
  /// The decision, unless it would send a playlist that lacks the state that was asked for.
  func withheld(_ decision: PlaylistDecision, for reload: BlockingReload?) -> PlaylistDecision {
    guard let reload, case .send(let index, let text) = decision,
      sightings.indices.contains(index),
      !reload.isAnswered(by: text ?? sightings[index].text)
    else { return decision }
    return .wait(sighting: index, text: text)
  }
}

/// What becomes of a poll.
public enum PlaylistDecision: Equatable, Sendable {
  /// This answer is sent: as it came, or this text under its head.
  case send(sighting: Int, text: PlaylistText?)
  /// It lacks the state that was asked for: it is not sent, and asked for again.
  case wait(sighting: Int, text: PlaylistText?)
  /// Another server is asked before it is decided.
  case ask(server: Int)
  /// No server gave anything that could be sent.
  case fail
}

/// What a presentation has done or noticed, for counters, logs and its timeline.
public enum StreamEvent: UInt8, CaseIterable, Sendable {
  /// It went to another server.
  case switched
  /// Its server began anew at other numbers.
  case restarted
  /// A playlist that went back was not sent.
  case regressionWithheld
  /// An end that a twin contradicts was not sent.
  case endWithheld
  /// The end was sent.
  case ended
  /// A playlist was older than viewers bear, and no twin was ahead.
  case stale
  /// A twin was asked whether it is ahead.
  case twinAsked
  /// A playlist could not be numbered on and passed as it was.
  case passedUnchanged
  /// It would have gone to another server, were it not only watched.
  case wouldSwitch
  /// It would have been numbered on behind a restart, were it not only watched.
  case wouldRestart
  /// A playlist would have been withheld, were it not only watched.
  case wouldWithhold
  /// An operator's order for it began or ended to hold; counted nowhere.
  case ordered

  /// Its word in timelines, logs and metrics.
  public var label: String {
    switch self {
    case .switched: "switched"
    case .restarted: "restarted"
    case .regressionWithheld: "regression-withheld"
    case .endWithheld: "end-withheld"
    case .ended: "ended"
    case .stale: "stale"
    case .twinAsked: "twin-asked"
    case .passedUnchanged: "passed-unchanged"
    case .wouldSwitch: "would-switch"
    case .wouldRestart: "would-restart"
    case .wouldWithhold: "would-withhold"
    case .ordered: "ordered"
    }
  }
}
