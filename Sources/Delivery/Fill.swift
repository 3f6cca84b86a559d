internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Wire

/// One running Fill or pass: the order, how far its answer has come, and what is known about it.
///
/// It belongs to no viewer: none can cancel it or slow it down. Owned by the worker of its key.
@safe final class Fill {
  /// What the answer's body is waiting for.
  enum Phase: UInt8 {
    /// A volume was asked whether it has it.
    case awaitingDisk
    case awaitingHead
    /// The head is here, memory for the body is not.
    case awaitingMemory
    case streaming
    /// What a playlist names anew is fetched before it is published.
    case awaitingSegments
    /// The playlist has not got so far as was asked for: it is asked again soon.
    case awaitingState
    /// The origin is asked for another segment: what it says of that may tell of this one.
    case awaitingVerdict
    /// The segment is not there, and asked for again soon.
    case awaitingSegment
    case over
  }

  let order: FillOrder
  let upload: Upload?
  /// Its fetch; `nil` until the origin is asked.
  var fetch: FetchID?
  var phase = Phase.awaitingHead
  /// What was last asked has a condition, so that 304 may be the answer.
  var isConditional: Bool
  /// When the origin was asked, or a volume before it.
  var started: Instant
  /// Until when the state of a playlist is waited for; `nil` before its target duration is known.
  var heldUntil: Instant?

  /// The segment of a live template that it fetches, until it is known whether that is there.
  var segment: SegmentName?
  /// Until when it waits for what the origin says of another; `nil` before it waits.
  var waitsUntil: Instant?
  /// The servers that do not have it.
  var missing = MissingSegment()

  /// The range that it asks for; `nil` once the whole is what comes.
  var part: PartRequest?
  /// The object on a volume that its bytes are copied from.
  var copies: CachedObject?
  /// A piece of it is being read.
  var isReadingDisk = false

  /// The slice that it asks for; `nil` once the whole is what comes.
  var slice: SliceOrder?
  /// How far it has come where it completes stored pieces.
  var assembly: Assembly?

  /// The rest that is asked for after its body broke off: from which byte on, under which tag.
  var rest: (offset: UInt64, entityTag: [UInt8])?
  /// How often the rest was asked for.
  var resumptions = 0

  // From the head on.
  /// The piece that the body is.
  var extent: PieceExtent?
  /// Nothing of it is stored, and everybody who waits may have it all the same.
  var isRelayed = false
  var head: StoredHead?
  var length: UInt64?
  var freshness: Freshness?
  var tags: [[UInt8]] = []
  var kind = ObjectKind.other
  var arrival = Instant(nanoseconds: 0)
  /// The head is published when the body is whole and read: playlists and manifests.
  var holdsHead = false
  /// What is gathered of such a body, and what else is asked before it is sent.
  var manifest: ManifestFill?
  var keepAtMost: UInt64 = 0
  var refuseAt = Instant.distantFuture
  var timer = TimerID.none
  /// The number under which the runner finds it when the timer expires.
  var timerNumber: UInt32 = 0

  /// Looks whether a media body's container closes; `nil` where it does not apply.
  var container: ContainerCheck?
  /// Where the last `fetchBuffer` pointed, to feed the container check.
  var lastBuffer = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

  init(_ order: FillOrder, upload: Upload?, started: Instant) {
    self.order = order
    self.upload = upload
    self.started = started
    isConditional = order.isConditional
    part = order.part
    slice = order.slice
    assembly = order.completes.map { Assembly($0) }
  }

  var object: CachedObject { order.object }
}
