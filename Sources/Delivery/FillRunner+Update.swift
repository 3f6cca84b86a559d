internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Telemetry
internal import Wire

// What a 304, or the answer to a HEAD, makes of a stored answer: RFC 9111 sections 4.3.4, 4.3.5.
extension FillRunner {
  /// A 304 names the bytes of another variant: they answer this one as well, under the head that
  /// the 304 made of theirs (RFC 9111 section 4.3.3).
  ///
  /// One that names none, or says that it is not to be stored, has the object fetched whole.
  func takeSibling(_ fill: Fill, head: borrowing ResponseHead, bytes: Span<UInt8>) {
    let worker = worker
    guard let sibling = sibling(of: fill, namedBy: head, bytes: bytes) else {
      return fetchAgain(fill, .none)
    }
    let (decision, updated) = judgeUpdate(of: sibling, by: head, bytes: bytes, facts: facts(fill))
    guard case .store(let freshness) = decision else { return fetchAgain(fill, .none) }
    finish(fill)
    let refreshed = CachedObject(
      refreshing: sibling, as: fill.object, head: updated,
      freshness: settled(freshness, sibling), arrival: fill.arrival,
      filledSequence: fill.object.filledSequence)
    worker.telemetry.add(to: .fillsRevalidated)
    worker.node.table.complete(fill.object, with: refreshed)
    settleOnDisk(refreshed, isKept: true)
    wake(fill.object, fill.object.body.wakeAll())
  }

  private func sibling(
    of fill: Fill, namedBy head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> CachedObject? {
    guard let tag = head.fields.first(.etag) else { return nil }
    for sibling in fill.object.siblings where !sibling.isPurged(by: worker.node.table.purges) {
      let own = sibling.validators.entityTag
      if EntityTag.strongMatch(bytes.slice(tag), own.span) { return sibling }
    }
    return nil
  }

  /// Judges a stored answer anew, as the fields of `head` left it.
  ///
  /// Its freshness is that of the updated head as a whole: a stored Expires counts from the new
  /// Date, and a stored max-age comes before a new Expires (section 3.2). Fields that this head
  /// lists as one viewer's own are not taken up (sections 5.2.2.4 and 5.2.2.7).
  func judgeUpdate(
    of old: CachedObject, by head: borrowing ResponseHead, bytes: Span<UInt8>,
    facts: DecisionFacts
  ) -> (decision: CachingDecision, updated: StoredHead) {
    var updated = StoredHead(old.head, updatedBy: head, bytes: bytes, now: worker.loop.wall)
    let previous = old.freshness
    let text = updated.responseText(with: head, bytes: bytes)
    var parser = ResponseHeadParser()
    var whole = ResponseHead()
    do throws(HeadError) {
      if try parser.parse(text.span, requestMethod: .head, into: &whole) != nil {
        let withheld = WithheldFields.of(whole, bytes: text.span, rule: facts.rule)
        updated.leaveOut(withheld, listedBy: whole, bytes: text.span)
        if previous.source.isReadFromHead {
          let decision = CachingDecision.refresh(
            whole, bytes: text.span, previous: previous, status: old.head.status, facts: facts)
          return (decision, updated)
        }
      }
    } catch {
      // Two heads that were accepted make one that is too large: the new one speaks alone.
    }
    let decision = CachingDecision.refresh(
      head, bytes: bytes, previous: previous, status: old.head.status, facts: facts)
    return (decision, updated)
  }
}
