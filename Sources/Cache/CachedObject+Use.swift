public import Bytes
public import Policy
internal import Synchronization
public import Wire

// What an exchange asks of an object with a head.
extension CachedObject {
  /// Whether it is served without a question at `now`: one comparison on every hit.
  @inline(__always)
  public func isFresh(at now: Instant) -> Bool { now < freshLimit }

  /// What it is good for at `now`.
  public func state(at now: Instant) -> FreshnessState {
    freshness.state(arrival: arrival, now: now)
  }

  /// What it is good for at `now`, for a request with `terms`.
  public func state(at now: Instant, terms: ReuseTerms) -> FreshnessState {
    freshness.state(arrival: arrival, now: now, terms: terms)
  }

  /// Times that it was served from memory, or its head from there, since it came into memory.
  public var hits: Int { hitCount.load(ordering: .relaxed) }

  /// It was served so many times more.
  public func count(hits: Int) { hitCount.add(hits, ordering: .relaxed) }

  /// Whether it has been purged; asked once after each purge.
  ///
  /// Before its head came its tags are unknown (and being written): then the answer is provisional.
  public func isPurged(by log: PurgeLog) -> Bool {
    let current = log.current
    if checkedSequence == current { return false }
    let hasTags = progress == .following
    let purged = log.isPurged(
      primary: primary, site: site, key: keyText, targetStart: targetStart,
      tags: hasTags ? tags : [], filled: filledSequence)
    if !purged, hasTags { checkedCell.store(current, ordering: .relaxed) }
    return purged
  }

  /// Whether it may answer such a request at all: one with Authorization only if its directives say
  /// so (RFC 9111 section 3.5).
  func isOpen(to request: LookupRequest) -> Bool {
    !request.terms.hasAuthorization || freshness.isShared
  }

  /// Whether it may be served because the origin failed: RFC 5861 section 4.
  public func mayServeOnError(at now: Instant) -> Bool {
    switch state(at: now) {
    case .fresh, .staleWhileRevalidate, .staleIfError: true
    case .stale: false
    }
  }

  /// The Age field: whole seconds since the origin made the answer.
  @inline(__always)
  public func ageSeconds(at now: Instant) -> UInt64 {
    UInt64(max(0, freshness.age(arrival: arrival, now: now).count / 1000))
  }

  /// The freshness that is left, negative once stale.
  public func freshnessLeft(at now: Instant) -> Milliseconds {
    freshness.left(arrival: arrival, now: now)
  }

  /// When Age or the ttl next changes by a second.
  public func nextSecond(after now: Instant) -> Instant {
    let age = max(0, freshness.age(arrival: arrival, now: now).count)
    let left = max(0, freshnessLeft(at: now).count)
    return now + Milliseconds(min(1000 - age % 1000, left % 1000 + 1))
  }

  /// The length of the body, once the framing told it or the Body is complete.
  @inline(__always)
  public var knownLength: UInt64? {
    switch body.phase {
    case .whole, .ended: body.count
    case .filling, .aborted: length
    }
  }

  /// How a request's conditions and range are to be answered.
  public func condition(
    _ request: borrowing RequestHead, bytes: Span<UInt8>, length: UInt64?, now: Int64
  ) -> Condition {
    let facts = StoredFacts(
      status: head.status, entityTag: head.block.span.slice(head.entityTag),
      lastModified: head.lastModified, date: head.date, length: length)
    return Condition.evaluate(request, bytes: bytes, stored: facts, now: now)
  }

  /// Whether this variant answers the request.
  @inline(__always)
  public func matches(
    head request: borrowing RequestHead, bytes: Span<UInt8>, scratch: inout [UInt8]
  ) -> Bool {
    guard let vary else { return true }
    let key = vary.variantKey(
      of: primary, head: request, bytes: bytes, isIdentityOnly: isIdentityOnly, scratch: &scratch)
    return key == variant
  }

  /// Whether it is the later one of two that match: by Date, then by arrival.
  func isNewer(than other: CachedObject) -> Bool {
    let (date, otherDate) = (head.date?.seconds ?? 0, other.head.date?.seconds ?? 0)
    return date == otherDate ? arrival > other.arrival : date > otherDate
  }

  /// Whether a 304 is about this object: RFC 9111 section 4.3.3.
  public func isConfirmed(
    by response: borrowing ResponseHead, bytes: Span<UInt8>, now: Int64
  ) -> Bool {
    let facts = StoredFacts(
      status: head.status, entityTag: head.block.span.slice(head.entityTag),
      lastModified: head.lastModified, date: head.date, length: knownLength)
    return StoredField.confirms(response, bytes: bytes, stored: facts, now: now)
  }

  /// What the answer to a HEAD says about it: RFC 9111 section 4.3.5.
  public func compare(
    _ response: borrowing ResponseHead, bytes: Span<UInt8>, now: Int64
  ) -> HeadUpdate {
    let block = head.block
    let facts = StoredFacts(
      status: head.status, entityTag: block.span.slice(head.entityTag),
      lastModified: head.lastModified, date: head.date, length: knownLength)
    let coding = head.first(.contentEncoding) ?? .empty
    return HeadUpdate.compare(
      response, bytes: bytes, stored: facts, coding: block.span.slice(coding), now: now)
  }

  /// The answer to a request that was no Fill is about to be stored: it answers this variant.
  ///
  /// - Returns: false where the request's fields choose none.
  public func becomeVariant(
    by rule: VaryRule, of request: borrowing RequestHead, bytes: Span<UInt8>
  ) -> Bool {
    var scratch: [UInt8] = []
    let key = rule.variantKey(
      of: primary, head: request, bytes: bytes, isIdentityOnly: isIdentityOnly, scratch: &scratch)
    guard let key else { return false }
    vary = rule
    variant = key
    return true
  }

  /// The validators to revalidate it with.
  public var validators: Validators {
    Validators(
      entityTag: copy(head.entityTag), lastModified: copy(head.first(.lastModified) ?? .empty))
  }

  private func copy(_ range: ByteRange) -> [UInt8] {
    Array(head.block[Int(range.start)..<range.end])
  }
}
