public import Bytes

/// What an operator sees of a live presentation.
public struct StreamRow: Sendable, Equatable {
  /// What its servers have in common, as configured or learnt.
  public enum Twins: String, Sendable {
    /// The programme at best.
    case independent
    /// Names and numbers.
    case sameTimeline = "same-timeline"
    /// Every byte.
    case sameBytes = "same-bytes"
  }

  /// How a playlist stands.
  public enum Verdict: String, Sendable, CaseIterable {
    /// It gets new segments in time.
    case advancing
    /// Its server shows an older state than was sent.
    case behind
    /// It was late when it was asked for last.
    case stale
    /// Its server went back.
    case regressed
    /// Its end was sent.
    case ended
  }

  /// How far a server is behind the best one.
  public enum Lag: Sendable, Equatable {
    /// By sequence numbers, where they mean the same.
    case segments(UInt64)
    /// By the times that playlists state.
    case time(Milliseconds)
  }

  /// What one server's playlist was when it was last seen.
  public struct Standing: Sendable, Equatable {
    /// The server, as an index into its origin's.
    public var server: Int
    /// The sequence number of its newest segment, in its own numbers.
    public var last: UInt64
    /// How long ago that was.
    public var age: Milliseconds
    /// How far it was behind the best one; `nil` where that is not known.
    public var lag: Lag?
  }

  /// One playlist.
  public struct Playlist: Sendable, Equatable {
    /// The path that viewers ask for it by.
    public var path: [UInt8]
    /// The sequence number of the newest segment that was sent; `nil` while there is none.
    public var last: UInt64?
    /// How long ago its edge last moved.
    public var age: Milliseconds
    /// Its target duration; zero while nothing was sent.
    public var target: Milliseconds
    /// How it stands.
    public var verdict: Verdict
    /// Its servers, as far as they were asked.
    public var standings: [Standing]
  }

  /// The site, as an index.
  public var site: Int
  /// The path of the multivariant playlist, or of the only playlist.
  public var root: [UInt8]
  /// The origin, as an index.
  public var origin: Int
  /// The server that it comes from, as an index into the origin's.
  public var server: Int
  /// The server that it came from first.
  public var firstServer: Int
  /// How often it has switched or restarted.
  public var epoch: Int
  /// What its servers have in common.
  public var twins: Twins
  /// The server that an operator wants for it.
  public var pinned: Int?
  /// An operator said that it is over.
  public var passesEnds: Bool
  /// Its playlists, by path.
  public var playlists: [Playlist]
  /// What happened to it, oldest first.
  public var timeline: [StreamTimelineEntry]

  /// The verdict on the playlists together: the worst of them, but ended only where all are.
  public var verdict: Verdict {
    let verdicts = playlists.map(\.verdict)
    if !verdicts.isEmpty, verdicts.allSatisfy({ $0 == .ended }) { return .ended }
    for worst in [Verdict.regressed, .stale, .behind] where verdicts.contains(worst) {
      return worst
    }
    return .advancing
  }

  /// Whether there is nothing to tell of it: it goes on, from the server that it began with.
  public var isPlain: Bool {
    verdict == .advancing && server == firstServer && pinned == nil && !passesEnds
  }

  /// How far one of its servers is behind the best one at most; zero where that is not known.
  public var lagMax: Milliseconds {
    var most: Int64 = 0
    for playlist in playlists {
      for standing in playlist.standings {
        switch standing.lag {
        case .segments(let count):
          let (time, isTooMuch) = playlist.target.count.multipliedReportingOverflow(
            by: Int64(clamping: count))
          most = max(most, isTooMuch ? .max : time)
        case .time(let time): most = max(most, time.count)
        case nil: break
        }
      }
    }
    return Milliseconds(most)
  }
}
