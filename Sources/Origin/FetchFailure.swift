public import Telemetry

/// Why a fetch ended without its answer, or in the middle of it.
public struct FetchFailure: Error, Equatable, Sendable {
  /// What went wrong.
  public enum Kind: UInt8, CaseIterable, Sendable {
    /// The server's name has no address.
    case unresolved
    /// The connection was refused, or could not even be started.
    case refused
    /// The connection was not made in time.
    case connectTimedOut
    /// The head did not come in time.
    case firstByteTimedOut
    /// The body stopped coming.
    case stalled
    /// The connection broke, or ended before the first byte of an answer.
    case reset
    /// The answer ended before its framing did.
    case truncated
    /// The head breaks the rules of RFC 9112.
    case badHead
    /// The head is longer than `OriginLimits.headBytesMax` or has too many fields.
    case headTooLarge
    /// The chunked framing is malformed.
    case badChunk
    /// The viewer's request body broke off: nobody's fault on the origin's side.
    case uploadBroken
    /// The worker has no connection left (`OriginLimits.connectionsMax`).
    case overLimit
    /// The origin has as many fetches as it may have (`max_fills`): this one waited in vain for one
    /// of them to end, or too many wait.
    case originBusy
  }

  /// What went wrong.
  public var kind: Kind
  /// The server, as an index into the origin's servers; -1 when none was reached.
  public var server: Int
  /// Whether the final head had been given: then viewers may have bytes and see an abort.
  public var headGiven: Bool

  /// Notes a failure.
  public init(kind: Kind, server: Int, headGiven: Bool) {
    self.kind = kind
    self.server = server
    self.headGiven = headGiven
  }

  /// The status that a viewer gets who has seen nothing yet (RFC 9110 §15.6).
  public var status: UInt16 {
    switch kind {
    case .connectTimedOut, .firstByteTimedOut, .stalled: 504
    case .overLimit, .originBusy: 503
    case .uploadBroken: 400
    case .unresolved, .refused, .reset, .truncated, .badHead, .headTooLarge, .badChunk: 502
    }
  }

  /// Whether the failure speaks against the server, so that it is put last for a while.
  var blamesServer: Bool {
    switch kind {
    case .unresolved, .refused, .connectTimedOut, .firstByteTimedOut, .stalled, .reset,
      .truncated, .badHead, .headTooLarge, .badChunk:
      true
    case .uploadBroken, .overLimit, .originBusy: false
    }
  }
}

extension AccessDetail {
  /// The log's word for a fetch that failed.
  public init(_ kind: FetchFailure.Kind) {
    self =
      switch kind {
      case .unresolved: .nameUnresolved
      case .refused: .connectRefused
      case .connectTimedOut: .connectTimeout
      case .firstByteTimedOut: .firstByteTimeout
      case .stalled: .originStall
      case .reset: .originReset
      case .truncated: .truncated
      case .badHead, .headTooLarge: .badHead
      case .badChunk: .badChunk
      case .uploadBroken: .badRequest
      case .overLimit: .noMemory
      case .originBusy: .originBusy
      }
  }
}
