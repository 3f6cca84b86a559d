internal import Bytes
internal import Cache
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

/// The steps of a journey, in their order.
enum Step: UInt8 {
  /// Parse the next head.
  case receive
  /// Which site, which rule, what may the cache do.
  case judge
  /// Ask the cache.
  case lookUp
  /// The full playlist is there: what may be left out of it is.
  case shorten
  /// Go to the origin for this request alone.
  case pass
  /// Wait for the head of a Fill.
  case follow
  /// An object with a head is there: decide what of it is answered, write the head.
  case open
  /// Send the body.
  case deliver
  /// Wait for the rest of a body that this reader was too slow for.
  case rejoin
  /// Count it and write the record.
  case record
  /// Wait: an event resumes the step that `resume` names.
  case parked
  /// The connection waits for its next request or is closed.
  case idle
}

/// How the body of a response is framed for the viewer.
enum ViewerFraming: UInt8 {
  case none
  case length
  /// A length too, but sent by the exchange's plan, part by part.
  case parts
  case chunked
  case untilClose
}

/// One request and its answer: what its journey has found out so far.
///
/// An exchange is not a connection: an HTTP/1 connection has one at a time, an HTTP/2 connection
/// will have many. Pooled by the worker, used on its thread.
final class Exchange {
  /// Unique in the node while it lasts: worker, serial number.
  var id: UInt64 = 0
  var step = Step.receive
  /// The step that goes on when a parked exchange is resumed.
  var resume = Step.lookUp

  // Received.
  var method = Method.get
  var minorVersion: UInt8 = 1
  /// The head, kept when the journey outlives its turn; empty while it is still in the connection.
  let savedHead = KeptHead()
  var requestBody = BodyFraming.none
  var expectsContinue = false

  // Judged.
  var site = -1
  var rule = Rule.none
  var cache = CacheResult.none
  var detail = AccessDetail.none
  var lookUps = 0
  var terms = ReuseTerms.none
  /// A playlist named what is asked as a part: it is sent in one burst when it is whole.
  var bursts = false
  /// What may be left out of the playlist that it waits for; set anew with each wait.
  var skip: DeltaUpdate.Skip?
  /// What it waited for, where something made of that is sent in its place.
  var fetched: CachedObject?
  var invalidates = false
  /// A volume was asked for it already.
  var askedDisk = false
  // For Cache-Status.
  /// The origin was asked for it, by a Fill that it waits for or by a pass.
  var isForwarded = false
  /// Why.
  var forward = CacheStatus.Forward.uriMiss
  /// What the origin answered, where that is not the status of what is served.
  var forwardStatus: UInt16 = 0
  /// It joined a Fill that another request had started.
  var isCollapsed = false
  /// What else there is to say about why it went forward.
  var forwardDetail = CacheStatus.Detail.none

  // Found.
  var hold = FrontHold.none
  var object: CachedObject?
  /// The stored pieces that its answer is made of, with those of the object, if that is one.
  var view: PieceView?
  /// Its Range is of no use for what is there: it is answered from the whole.
  var ignoresRange = false
  /// What a request that passes is answered with if the origin fails.
  var fallback: CachedObject?
  /// This exchange reads a Body that was not whole: it counts among its readers.
  var isFollowing = false
  /// It counts among the readers of its front hold.
  var isReading = false
  /// It was parked or is sent over several turns: the scratch holds another head by now.
  var outlivedTurn = false

  // Answered.
  var status: UInt16 = 0
  var headWritten = false
  var offset: UInt64 = 0
  /// Where the Body begins in what is answered: above zero for a reader that went on alone.
  var bodyStart: UInt64 = 0
  /// One past the last byte to send; `.max` while the length is unknown.
  var end: UInt64 = 0
  var framing = ViewerFraming.none
  /// What is sent where the framing is `parts`.
  var plan: AnswerPlan?
  /// Bytes of the announced chunk that are still to be sent.
  var chunkLeft = 0
  var bodySent: UInt64 = 0
  var started = Instant(nanoseconds: 0)
  var firstByte: Instant?
  var isAborted = false

  /// The fetch of a pass, and where its request body is.
  var upload: Upload?

  /// Ready for the next request of the same or another connection.
  func reset(id: UInt64, now: Instant) {
    self.id = id
    step = .receive
    resume = .lookUp
    method = .get
    minorVersion = 1
    savedHead.clear()
    requestBody = .none
    expectsContinue = false
    site = -1
    cache = .none
    detail = .none
    lookUps = 0
    hold = .none
    if object != nil { object = nil }
    if view != nil { view = nil }
    ignoresRange = false
    if fallback != nil { fallback = nil }
    isFollowing = false
    isReading = false
    outlivedTurn = false
    terms = .none
    bursts = false
    invalidates = false
    askedDisk = false
    isForwarded = false
    if fetched != nil { fetched = nil }
    forward = .uriMiss
    forwardStatus = 0
    isCollapsed = false
    forwardDetail = .none
    status = 0
    headWritten = false
    offset = 0
    bodyStart = 0
    end = 0
    framing = .none
    if plan != nil { plan = nil }
    chunkLeft = 0
    bodySent = 0
    started = now
    firstByte = nil
    isAborted = false
    if upload != nil { upload = nil }
  }
}
