/// What the players of a run met with.
public struct ViewerTally: Sendable {
  /// Players that came, those who took another's place included.
  public internal(set) var players = 0
  /// Players who saw a picture.
  public internal(set) var started = 0
  /// Playing stood still for want of media.
  public internal(set) var stalls = 0
  /// Nanoseconds that pictures stood still.
  public internal(set) var stalled: Int64 = 0
  /// The longest of these at a time.
  public internal(set) var longestStall: Int64 = 0
  /// Nanoseconds that they moved.
  public internal(set) var played: Int64 = 0
  /// Changes of the rendition.
  public internal(set) var switches = 0
  /// Answers with media.
  public internal(set) var segments = 0
  /// Bytes of all bodies.
  public internal(set) var bodyBytes: UInt64 = 0
  /// Answers of playlists and manifests.
  public internal(set) var updates = 0
  /// Answers of which the nearest cache said that they were hits (RFC 9211).
  public internal(set) var hits = 0
  /// Segments that were gone before they were asked for.
  public internal(set) var missed = 0

  /// Connections that could not be made.
  public internal(set) var refused = 0
  /// Answers of another class than 2xx.
  public internal(set) var badStatuses = 0
  /// Answers that were no HTTP.
  public internal(set) var malformed = 0
  /// Requests without an answer in time.
  public internal(set) var unanswered = 0
  /// Playlists and manifests that cannot be read.
  public internal(set) var unreadable = 0

  /// Playlists and manifests whose numbers or times were before those of an earlier one.
  public internal(set) var wentBack = 0
  /// Media that ended before its announced length, or inside a box or packet.
  public internal(set) var short = 0
  /// Playlists and manifests with nothing new for more than three target durations.
  public internal(set) var stale = 0

  /// From pressing play to the first picture.
  public internal(set) var startup = Latencies()
  /// From a request for media to its first byte.
  public internal(set) var firstByte = Latencies()
  /// The same for media that was asked for within `LoadLimits.freshAge` of its end.
  public internal(set) var freshFirstByte = Latencies()
  /// How long ago the newest media of playlists was recorded when they came.
  public internal(set) var age = Latencies()
  /// How far the pictures are behind their recording.
  public internal(set) var latency = Latencies()

  init() {}

  /// Requests that failed.
  public var errors: Int { refused + badStatuses + malformed + unanswered + unreadable }
  /// Breaches of the rules of streams.
  public var violations: Int { wentBack + short + stale }

  mutating func add(_ other: ViewerTally) {
    players += other.players
    started += other.started
    stalls += other.stalls
    stalled += other.stalled
    longestStall = max(longestStall, other.longestStall)
    played += other.played
    switches += other.switches
    segments += other.segments
    bodyBytes &+= other.bodyBytes
    updates += other.updates
    hits += other.hits
    missed += other.missed
    refused += other.refused
    badStatuses += other.badStatuses
    malformed += other.malformed
    unanswered += other.unanswered
    unreadable += other.unreadable
    wentBack += other.wentBack
    short += other.short
    stale += other.stale
    startup.add(other.startup)
    firstByte.add(other.firstByte)
    freshFirstByte.add(other.freshFirstByte)
    age.add(other.age)
    latency.add(other.latency)
  }

  /// What a player saw until it left.
  mutating func leave(_ playback: Playback?) {
    guard let playback else { return }
    stalls += playback.stalls
    stalled += playback.stalled
    longestStall = max(longestStall, playback.longestStall)
    played += playback.played
  }
}
