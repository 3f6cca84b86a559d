public import Wire

/// Whom a fetch tells what comes in: subclassed by Delivery, used on its worker's thread alone.
///
/// The pool calls it only from `socketReady`, `timerExpired` and `endTurn`, never from within
/// `start`, `resume`, `uploadReady` or `cancel`. Any of the pool's methods may be called from
/// within a call. After `cancel`, and after `fetchEnded` or `fetchFailed`, no call follows.
///
/// Order: interim heads, the final head, body bytes, the end; a failure may come at any point.
open class FetchClient {
  /// Makes a client.
  public init() {}

  /// An interim head other than 100 and 101 came (102, 103): pass it on, never store it.
  ///
  /// After a retry the next server's interim heads follow. Offsets in `head` count from the front
  /// of `bytes`, which is valid during the call.
  open func fetchInterim(_ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>) {}

  /// The final head came; from now on nothing is retried.
  ///
  /// `server` is the index of the server among its origin's. Offsets in `head` count from the front
  /// of `bytes`, which is valid during the call.
  open func fetchHead(
    _ id: FetchID, head: borrowing ResponseHead, bytes: Span<UInt8>, server: Int
  ) {}

  /// How many bytes of the body the client can take now.
  ///
  /// With 0 the origin is no longer read, and the stall clock stops, until `resume`.
  open func fetchRoom(_ id: FetchID) -> Int { .max }

  /// Memory into which up to `limit` bytes of the body may be read in place, at least one byte.
  ///
  /// `fetchFilled` follows at once with the number read, perhaps 0. With `nil` the bytes come by
  /// `fetchBody`. Bytes that arrived together with the head always do.
  open func fetchBuffer(_ id: FetchID, limit: Int) -> UnsafeMutableRawBufferPointer? { nil }

  /// So many bytes are now in the memory that `fetchBuffer` gave.
  open func fetchFilled(_ id: FetchID, count: Int) {}

  /// Bytes of the body, without framing; never more than `fetchRoom` said.
  open func fetchBody(_ id: FetchID, bytes: Span<UInt8>) {}

  /// Asks for bytes of the request's body: as many as are there and fit.
  ///
  /// The first call comes when the connection is made and the head is written: the moment to answer
  /// `Expect: 100-continue`, which is not sent to origins. After `.wait`, call `uploadReady`.
  open func fetchUpload(_ id: FetchID, into buffer: UnsafeMutableRawBufferPointer) -> UploadStep {
    .end
  }

  /// The answer is complete by its framing.
  ///
  /// With `closeDelimited` the end of the connection was its end: then only the body's own
  /// container can tell whether it is whole. What is left of a request's body is no longer wanted.
  open func fetchEnded(_ id: FetchID, closeDelimited: Bool) {}

  /// The fetch failed for good: every retry that was allowed has been made.
  open func fetchFailed(_ id: FetchID, _ failure: FetchFailure) {}
}
