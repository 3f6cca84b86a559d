public import Bytes
public import Policy
internal import Glibc
internal import Synchronization
internal import Wire

/// How far the Fill of an object has come, for those who wait for it.
public enum FillProgress: UInt8, Sendable {
  /// The origin has not answered yet.
  case awaitingHead
  /// The head is there: follow the Body.
  case following
  /// The answer is not for everyone (uncacheable, another variant): look up again.
  case released
  /// A 304 refreshed the fallback: use `replacement`, whatever its freshness.
  case refreshed
  /// No server gave an answer: use the fallback if it may be, else tell the viewer.
  case failed
  /// A volume had it, or told what it varies by: look up again.
  case found
}

/// One stored response, or one on its way: key, head, freshness and the Body.
///
/// Born empty when the first miss enters it into the table, written by the worker that runs its
/// Fill, immutable once its Body is whole. The head is published by `progress`: whoever has seen
/// `following` may read it without a lock.
public final class CachedObject: @unchecked Sendable {
  // Exception: unchecked, because its owner writes, then publishes; after that it is read only.
  /// The hash of the cache key, the same for all variants.
  public let primary: Hash128
  /// The cache key, compared on every lookup: a hash collision must not serve another object.
  public let keyText: [UInt8]
  /// Where in `keyText` the request target begins, for purges by prefix.
  public let targetStart: Int
  /// The site it belongs to.
  public let site: Int
  /// The worker that runs its Fill.
  public let owner: Int
  /// The bytes; shared with the predecessor when a 304 refreshed it.
  public let body: Body

  private let progressCell = Atomic<UInt8>(FillProgress.awaitingHead.rawValue)
  private let hitCell = Atomic<Bool>(false)
  let hitCount: Atomic<Int>
  let checkedCell: Atomic<UInt64>
  private let lock = Lock()
  private var fallbackObject: CachedObject?
  private var siblingObjects: [CachedObject] = []
  private var replacementObject: CachedObject?
  private var failureStatus: UInt16 = 0
  private var failureReason: UInt8 = 0
  private var decision: UInt8 = 0
  private var failureAnswer: UInt16 = 0
  private var replacementIsNew = false

  // Written by the Fill's worker before `progress` says so; then read only.
  var storedHead = StoredHead.empty
  /// The status of the head; read on every hit without touching the rest of it.
  public private(set) var status: UInt16 = 0
  /// The Vary rule of this response and the hash of the variant that it answers.
  public internal(set) var vary: VaryRule?
  /// The hash of the variant; the primary one without Vary.
  public internal(set) var variant: Hash128
  /// For how long it may be used, and how.
  public private(set) var freshness: Freshness
  /// When its head arrived.
  public private(set) var arrival = Instant(nanoseconds: 0)
  /// The server that answered, as an index into its origin's; -1 before one did.
  public private(set) var server = -1
  /// Until when it is served without a question; `arrival` for what is always revalidated.
  var freshLimit = Instant(nanoseconds: 0)
  /// When this playlist was last seen to change: its refreshes keep it as long as they agree.
  public private(set) var lastChange = Instant(nanoseconds: 0)
  /// The answer is for the initiator alone.
  public private(set) var isPrivate = false
  /// It is fetched with identity coding whatever the viewer accepts.
  public let isIdentityOnly: Bool
  /// The body's length, if the framing told it; see `knownLength`.
  private(set) var length: UInt64?
  /// The purge number when its origin request was sent.
  public internal(set) var filledSequence: UInt64
  /// Which bytes of its representation the body holds, if not all; its head is the one of the
  /// representation, with status 200.
  public private(set) var extent: PieceExtent?
  /// The status that the origin answered: 206 for a piece.
  public private(set) var originStatus: UInt16 = 0
  /// Its Surrogate-Key and Cache-Tag values.
  public private(set) var tags: [[UInt8]] = []
  /// The exchange that alone may use an answer that is not for everyone; zero for none.
  public let initiator: UInt64
  /// The same in gzip, made when it was published; `nil` where none was.
  public internal(set) var coded: CachedObject?
  /// Why its Fill was started; written before it is entered.
  public internal(set) var reason = CacheStatus.Forward.uriMiss

  // Guarded by the shard's lock.
  /// The range that its Fill asks for, while it is to become a piece.
  var part: PartRequest?
  var place: Int32 = -1
  var heldBy: UInt64 = 0
  /// It was hit while it was here: what a volume carries over when its zone is written anew.
  private(set) var wasEverHit = false

  /// Makes what a 304 makes of `old`: the same body under an updated head; as the variant that
  /// the Fill `asked` was for, where the 304 named another's bytes.
  public init(
    refreshing old: CachedObject, as asked: CachedObject? = nil, head: StoredHead,
    freshness: Freshness, arrival: Instant, filledSequence: UInt64
  ) {
    isIdentityOnly = old.isIdentityOnly
    primary = old.primary
    keyText = old.keyText
    targetStart = old.targetStart
    site = old.site
    owner = old.owner
    body = old.body
    hitCount = Atomic(asked == nil ? old.hits : 0)
    initiator = 0
    vary = (asked ?? old).vary
    variant = (asked ?? old).variant
    length = old.knownLength
    tags = head.tags ?? old.tags
    storedHead = head
    status = head.status
    extent = old.extent
    originStatus = old.originStatus
    self.freshness = freshness
    self.filledSequence = filledSequence
    checkedCell = Atomic(filledSequence)
    lastChange = old.lastChange
    settle(freshness, arrival: arrival)
    if let before = old.coded { refreshCoded(before) }
    setProgress(.following)
  }

  /// Makes the whole object of a piece that holds every byte.
  init(whole piece: CachedObject) {
    isIdentityOnly = piece.isIdentityOnly
    primary = piece.primary
    keyText = piece.keyText
    targetStart = piece.targetStart
    site = piece.site
    owner = piece.owner
    body = piece.body
    hitCount = Atomic(piece.hits)
    initiator = 0
    vary = piece.vary
    variant = piece.variant
    length = piece.body.count
    tags = piece.tags
    storedHead = piece.head
    status = piece.head.status
    server = piece.server
    originStatus = piece.originStatus
    freshness = piece.freshness
    filledSequence = piece.filledSequence
    checkedCell = Atomic(piece.filledSequence)
    settle(freshness, arrival: piece.arrival)
    setProgress(.following)
  }

  /// Makes an object as a volume has it, in place of what the Fill `asked` was to fetch.
  init(
    restoring meta: ObjectMeta, for asked: CachedObject, body: Body, freshness: Freshness,
    arrival: Instant
  ) {
    isIdentityOnly = meta.isIdentityOnly
    primary = asked.primary
    keyText = meta.keyText
    targetStart = meta.targetStart
    site = asked.site
    owner = asked.owner
    self.body = body
    hitCount = Atomic(0)
    initiator = 0
    vary = meta.vary
    variant = asked.variant
    length = body.count
    tags = meta.tags
    storedHead = meta.head
    status = meta.head.status
    originStatus = meta.originStatus
    self.freshness = freshness
    filledSequence = meta.filledSequence
    // Not yet checked against the purges that came while it lay on its volume.
    checkedCell = Atomic(0)
    settle(freshness, arrival: arrival)
    setProgress(.following)
  }

  /// Makes an object in slices, of which the Fill `first` brought one: its head is that of all.
  public init(
    sliced first: CachedObject, head: StoredHead, freshness: Freshness, arrival: Instant,
    tags: [[UInt8]], body: Body
  ) {
    isIdentityOnly = first.isIdentityOnly
    primary = first.primary
    keyText = first.keyText
    targetStart = first.targetStart
    site = first.site
    owner = first.owner
    self.body = body
    hitCount = Atomic(0)
    initiator = 0
    vary = first.vary
    variant = first.variant
    length = body.count
    self.tags = tags
    storedHead = head
    status = head.status
    server = first.server
    originStatus = 206
    self.freshness = freshness
    filledSequence = first.filledSequence
    checkedCell = Atomic(first.filledSequence)
    settle(freshness, arrival: arrival)
    setProgress(.following)
  }

  /// Makes the object that a miss enters into the table.
  public init(
    key: CacheKeyText, owner: Int, body: Body, filledSequence: UInt64, initiator: UInt64,
    fallback: CachedObject?, isIdentityOnly: Bool, variant: Hash128? = nil,
    siblings: [CachedObject] = []
  ) {
    self.isIdentityOnly = isIdentityOnly
    primary = key.hash
    keyText = key.text
    targetStart = key.targetStart
    site = key.site
    self.owner = owner
    self.body = body
    self.filledSequence = filledSequence
    self.initiator = initiator
    hitCount = Atomic(0)
    self.variant = variant ?? key.hash
    freshness = Freshness(lifetime: .zero)
    fallbackObject = fallback
    siblingObjects = siblings
    checkedCell = Atomic(filledSequence)
  }

  /// How far the Fill has come.
  @inline(__always)
  public var progress: FillProgress {
    FillProgress(rawValue: progressCell.load(ordering: .acquiring)) ?? .failed
  }

  /// The head; only after `progress` was seen as `following`.
  @inline(__always)
  public var head: StoredHead {
    _read { yield storedHead }
  }

  /// The stale object that this Fill refreshes, while it does.
  public var fallback: CachedObject? { lock.withLock { fallbackObject } }

  /// Other variants whose bytes a 304 may name; until the Fill is over.
  public var siblings: [CachedObject] { lock.withLock { siblingObjects } }

  /// What a 304 made of the fallback; only after `progress` was seen as `refreshed`.
  public var replacement: CachedObject? { lock.withLock { replacementObject } }

  /// Whether the replacement came from the origin, the first slice of it, rather than by a 304.
  public var isReplacementNew: Bool { lock.withLock { replacementIsNew } }

  /// The status for viewers when the Fill failed without a fallback: 502, 503 or 504.
  public var failure: UInt16 { lock.withLock { failureStatus } }

  /// Why the Fill failed, in the words of whoever called `fail`.
  public var failureWord: UInt8 { lock.withLock { failureReason } }

  /// What was decided about its answer, in the words of whoever called `noteDecision`; zero if
  /// nothing was.
  public var decisionWord: UInt8 { lock.withLock { decision } }

  /// The status of the origin's answer that counts as its failure; zero if none came.
  public var answeredFailure: UInt16 { lock.withLock { failureAnswer } }

  /// Notes a hit for the eviction order; writes only the first time since it was last asked.
  @inline(__always)
  public func markHit() {
    if !hitCell.load(ordering: .relaxed) { hitCell.store(true, ordering: .relaxed) }
  }

  /// Whether it was hit since this was last asked.
  func takeHit() -> Bool {
    let wasHit = hitCell.exchange(false, ordering: .relaxed)
    if wasHit { wasEverHit = true }
    return wasHit
  }

  /// Hits so far count for nothing.
  func clearHit() { hitCell.store(false, ordering: .relaxed) }

  /// Whether it was hit since it came into the table; with the shard's lock held.
  var wasHit: Bool { wasEverHit || hitCell.load(ordering: .relaxed) }

  /// Whether this is its cache key: equal hashes alone prove nothing.
  @inline(__always)
  func hasKey(_ key: [UInt8]) -> Bool {
    // `==` on arrays compares byte by byte: 140 instructions for a short key.
    unsafe keyText.withUnsafeBytes { own in
      unsafe key.withUnsafeBytes { other in
        guard own.count == other.count, let first = own.baseAddress,
          let second = other.baseAddress
        else { return own.count == other.count }
        return unsafe memcmp(first, second, own.count) == 0
      }
    }
  }

  /// The purge number up to which this object is known not to be purged.
  @inline(__always)
  public var checkedSequence: UInt64 { checkedCell.load(ordering: .relaxed) }

  /// The Fill's worker publishes the head and all that follows from it.
  ///
  /// - Parameters:
  ///   - head: The head; that of the representation where the body is a piece of it.
  ///   - length: The length of the body, if the framing told it.
  ///   - tags: What it may be purged by.
  ///   - isPrivate: It is for its initiator alone.
  ///   - extent: Which piece the body is.
  ///   - originStatus: The status that the origin answered, where it is not the head's.
  public func publish(
    head: StoredHead, length: UInt64?, tags: [[UInt8]] = [], isPrivate: Bool = false,
    extent: PieceExtent? = nil, originStatus: UInt16 = 0
  ) {
    precondition(progress == .awaitingHead, "a head is published twice")
    storedHead = head
    status = head.status
    self.extent = extent
    self.originStatus = originStatus == 0 ? head.status : originStatus
    self.length = length
    self.tags = tags
    self.isPrivate = isPrivate
    setProgress(.following)
  }

  /// Sets for how long it may be used: by the Fill's worker, before the object is in the table.
  public func settle(_ freshness: Freshness, arrival: Instant) {
    self.freshness = freshness
    self.arrival = arrival
    let left = freshness.left(arrival: arrival, now: arrival)
    freshLimit = freshness.alwaysRevalidate ? arrival : arrival + left
  }

  /// Notes which server answered; before the head is published.
  public func noteServer(_ index: Int) { server = index }

  /// Notes what was decided about its answer, in a word that `decisionWord` gives back.
  public func noteDecision(_ word: UInt8) { lock.withLock { decision = word } }

  /// Notes when a playlist was last seen to change; before the object is in the table.
  public func noteChange(at instant: Instant) { lastChange = instant }

  /// The answer is not for everyone: waiters look up again.
  public func release() { setProgress(.released) }

  /// A volume had what the Fill was to fetch, or told what it varies by: waiters look up again.
  public func becomeFound() { setProgress(.found) }

  /// A 304 came: waiters use `object`.
  public func refresh(with object: CachedObject, isNew: Bool = false) {
    lock.withLock {
      replacementObject = object
      replacementIsNew = isNew
    }
    setProgress(.refreshed)
  }

  /// No answer could be had: those who wait use the fallback or tell their viewers.
  ///
  /// `reason` is the caller's word for the access log; `answered` the status of an answer that says
  /// that the origin is dead, if one came.
  public func fail(status: UInt16, reason: UInt8, answered: UInt16 = 0) {
    lock.withLock {
      failureStatus = status
      failureReason = reason
      failureAnswer = answered
    }
    setProgress(.failed)
  }

  /// The Fill is over: what it refreshed is not needed any more.
  func dropFallback() {
    lock.withLock { (fallbackObject, siblingObjects) = (nil, []) }
  }

  private func setProgress(_ progress: FillProgress) {
    progressCell.store(progress.rawValue, ordering: .releasing)
  }
}
