internal import Cache
internal import Loop
internal import Policy
internal import Wire

// What a 304, or the answer to a HEAD, makes of a stored answer: RFC 9111 sections 4.3.4, 4.3.5.
extension FillRunner {
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
