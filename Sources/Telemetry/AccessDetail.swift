/// Why a request was answered as it was: one word for the log, where the status is not enough.
public enum AccessDetail: UInt8, CaseIterable, Sendable {
  case none
  // The viewer's side.
  case badRequest, requestTooLarge, headTimeout, bodyTimeout, unknownHost, methodRefused, loop,
    badReload
  case viewerReset, viewerStall
  // The origin's side; the same words as `spillway_origin_errors_total`.
  case connectRefused, connectTimeout, firstByteTimeout, originStall, originReset, badHead
  case truncated, badChunk, nameUnresolved, containerOpen, originBusy, errorAnswers
  // Of no request: what became of a server, in the error log alone.
  case serverDown, serverUp
  // The edge's own.
  case noMemory, lapped, shuttingDown, reloadTimeout, notYet
  // Of a whole answer that is not simply what one server said.
  case switched, restarted, withheld, twin, resumed

  /// The word in the log.
  public var label: StaticString {
    switch self {
    case .none: ""
    case .badRequest: "bad_request"
    case .requestTooLarge: "too_large"
    case .headTimeout: "head_timeout"
    case .bodyTimeout: "body_timeout"
    case .unknownHost: "unknown_host"
    case .methodRefused: "method_refused"
    case .loop: "loop"
    case .badReload: "bad_reload"
    case .viewerReset: "viewer_reset"
    case .viewerStall: "viewer_stall"
    case .connectRefused: "connect_refused"
    case .connectTimeout: "connect_timeout"
    case .firstByteTimeout: "first_byte_timeout"
    case .originStall: "stall"
    case .originReset: "reset"
    case .badHead: "bad_head"
    case .truncated: "truncated"
    case .badChunk: "bad_chunk"
    case .nameUnresolved: "dns"
    case .containerOpen: "container_open"
    case .originBusy: "origin_busy"
    case .errorAnswers: "error_answers"
    case .noMemory: "no_memory"
    case .lapped: "lapped"
    case .shuttingDown: "shutting_down"
    case .reloadTimeout: "reload_timeout"
    case .notYet: "not_yet"
    case .switched: "switched"
    case .restarted: "restarted"
    case .withheld: "withheld"
    case .twin: "twin"
    case .resumed: "resumed"
    case .serverDown: "is down"
    case .serverUp: "is up again"
    }
  }
}
