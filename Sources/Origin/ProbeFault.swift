public import Bytes

/// Why a probe failed, for the operator.
public enum ProbeFault: Error, Equatable, Sendable {
  /// The whole answer was not there in time.
  case timedOut(after: Milliseconds)
  /// There was no whole answer.
  case broken(FetchFailure.Kind)
  /// The answer has a status that does not pass.
  case status(UInt16)
  /// The front of the body lacks what it must hold.
  case bodyLacks(String)
  /// The watched playlist was not answered with 2xx.
  case playlistStatus(UInt16)

  /// The reason in status and logs.
  public var text: String {
    switch self {
    case .timedOut(let time): "timed out after \(time.count)ms"
    case .broken(let kind): Self.text(of: kind)
    case .status(let status): "status \(status)"
    case .bodyLacks(let text): "body does not contain \"\(text)\""
    case .playlistStatus(let status): "playlist: status \(status)"
    }
  }

  private static func text(of kind: FetchFailure.Kind) -> String {
    switch kind {
    case .unresolved: "name has no address"
    case .refused: "connect refused"
    case .connectTimedOut: "connect timed out"
    case .firstByteTimedOut: "no answer in time"
    case .stalled: "answer stalled"
    case .reset: "connection broke"
    case .truncated: "answer broke off"
    case .badHead: "malformed head"
    case .headTooLarge: "head too large"
    case .badChunk: "malformed chunk"
    case .uploadBroken, .overLimit, .originBusy: "no connection free"
    }
  }
}
