public import Bytes
public import Policy
internal import Wire

/// What is to be fetched: built by Delivery, written onto the wire by the pool.
///
/// The request is HTTP/1.1 and asks for a persistent connection.
public struct FetchOrder: Sendable {
  /// The configuration that the exchange was judged with.
  public var snapshot: Snapshot
  /// The origin, as an index into the snapshot's origins.
  public var originIndex: Int
  /// The request, complete but for the server.
  public var request: OriginRequest
  /// What makes it a revalidation or a resumption.
  public var condition = OriginCondition.none
  /// Whether the request may be sent again although a server may have received it.
  ///
  /// True for idempotent methods (RFC 9110 §9.2.2). A fetch of which a byte of the body was taken
  /// from the client is never sent again.
  public var mayRepeat: Bool
  /// Waits this long for the head instead of the origin's `first_byte`.
  ///
  /// For what an origin may hold (`_HLS_msn`, hinted parts).
  public var firstByteTimeout: Milliseconds?
  /// Waits at least this long for more of the body: raises the origin's `stall`.
  ///
  /// For packagers that flush once per group of pictures.
  public var stallTimeout: Milliseconds?

  /// The server that is asked first, as an index into the origin's servers.
  ///
  /// While it is healthy or may be tried; else the origin chooses as it does for everything. With
  /// `mayGoElsewhere` false it is asked whatever its health: no other one will do.
  public var preferredServer: Int?
  /// Whether another server may be asked when the first one fails.
  ///
  /// False where another server's answer would be of another moment (independent twins) or of
  /// other bytes (a body that is gone on with). Then there is still a fresh connection after a dead
  /// one, and the server's next address.
  public var mayGoElsewhere = true
  /// Servers that are not asked at all.
  public var avoidedServers: ServerSet = []

  /// A hash of what is fetched: the same for everything that should come from the same server.
  public var keyHash: UInt64 = 0
  /// Whether it belongs to one viewer's session, which stays on its server where servers share:
  /// `keyHash` chooses it, however busy it is.
  public var isSession = false
  /// Whether another server may be asked as well when the first is late, and the faster one taken.
  ///
  /// Only for a GET without a body, of servers with the same bytes.
  public var mayHedge = false
  /// How much depends on it when not all fetches of its origin can run at once.
  public var urgency = FetchUrgency.other

  /// Orders `request` from an origin; it may be repeated.
  public init(snapshot: Snapshot, originIndex: Int, request: OriginRequest) {
    self.snapshot = snapshot
    self.originIndex = originIndex
    self.request = request
    mayRepeat = true
    firstByteTimeout = nil
    stallTimeout = nil
  }

  /// Whether the request may be risked: on a kept connection that may have died, or on a server
  /// that is not trusted.
  var mayBeRisked: Bool { mayRepeat && request.framing == .none }
}
