public import Bytes

/// One error on its way to the error log: who failed, how, on which object.
public struct ErrorRecord: Sendable {
  /// Whose fault it was.
  public enum Side: UInt8, Sendable {
    /// The viewer's.
    case viewer
    /// The origin's.
    case origin
    /// The edge's own.
    case edge

    /// The word in the log.
    public var label: StaticString {
      switch self {
      case .viewer: "viewer"
      case .origin: "origin"
      case .edge: "edge"
      }
    }
  }

  /// How much it matters; the numbers are syslog's priorities.
  public enum Level: UInt8, Comparable, Sendable {
    /// Somebody must act.
    case error = 3
    /// Somebody should look.
    case warning = 4
    /// Worth knowing.
    case info = 6
    /// For those who build Spillway.
    case debug = 7

    /// The word in the log and in the configuration.
    public var label: StaticString {
      switch self {
      case .error: "error"
      case .warning: "warning"
      case .info: "info"
      case .debug: "debug"
      }
    }

    /// Orders levels by what a log of that level lets through.
    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// When it happened.
  public var time = WallTime(milliseconds: 0)
  /// How much it matters.
  public var level = Level.error
  /// Whose fault it was.
  public var side = Side.edge
  /// What happened.
  public var kind = AccessDetail.none
  /// Why, in the word of the last failure, where a line is about a server.
  public var reason = AccessDetail.none
  /// `errno`, where a system call said more; else zero.
  public var code: Int32 = 0
  /// The journey, as in the access log; zero if there was none.
  public var journey: UInt64 = 0
  /// Lines of this kind that the rate limit has left out before this one.
  public internal(set) var suppressed: UInt64 = 0
  /// Host and path of the object; for a server that is down, why.
  public var object = InlineText<256>()
  /// The origin server, as `host:port`.
  public var origin = InlineText<64>()

  /// Makes an empty record.
  public init() {}
}
