public import Bytes
public import Streams

/// What is known of a playlist, for requests that ask for one state of it.
public struct KnownState: Sendable {
  /// The playlist that was stored last.
  public let text: PlaylistText
  /// The directives under whose key it is stored.
  public let key: BlockingReload
  /// What is added to the numbers that viewers know to have the origin's; `nil` while its present
  /// server's playlist was not numbered yet.
  public let offset: Int64?
  /// When its edge moved.
  let changedAt: Instant
  /// When its server was last seen to say so.
  let observedAt: Instant
  /// When its presentation went to another server or began anew.
  let switchedAt: Instant?

  /// What is done with a request.
  ///
  /// What is too far ahead of a playlist that may have got further meanwhile its origin has to say.
  ///
  /// - Parameters:
  ///   - reload: What is asked for.
  ///   - now: The clock.
  /// - Returns: The verdict.
  public func verdict(of reload: BlockingReload, at now: Instant) -> BlockingReload.Verdict {
    let verdict = reload.verdict(for: text)
    guard verdict == .tooFarAhead else { return verdict }
    // One part later a player may ask for the third from here, the farthest that it ever may.
    let recent = text.partTarget.map { $0.count * 3 / 2 } ?? text.targetDuration.count
    return (now - observedAt).count <= recent ? .tooFarAhead : .wait
  }

  /// Whether delta updates may be sent: not for six target durations after a switch, for a player
  /// may hold another server's playlist in front of the skipped segments (streams rules, 3).
  public func allowsDelta(at now: Instant) -> Bool {
    guard let switchedAt else { return true }
    return (now - switchedAt).count >= text.targetDuration.count * 6
  }

  /// When a request that its server holds should have been answered, three part targets of lateness
  /// included: then a twin is asked.
  ///
  /// - Parameter reload: What is asked for.
  /// - Returns: The moment; `nil` without parts.
  public func due(_ reload: BlockingReload) -> Instant? {
    guard let partTarget = text.partTarget else { return nil }
    let next = text.sequence(at: text.segments.count)
    guard let part = reload.part, reload.msn == next else {
      return changedAt + Milliseconds(text.targetDuration.count + partTarget.count * 3)
    }
    let known = UInt64(clamping: text.tailPartCount)
    let ahead = part >= known ? Int64(clamping: min(part - known, 100)) + 1 : 1
    return changedAt + Milliseconds(partTarget.count * (ahead + 3))
  }
}

extension StreamBook {
  /// What is known of a playlist; `nil` before one was stored.
  ///
  /// - Parameters:
  ///   - path: Its path.
  ///   - site: The site.
  ///   - name: The hash of the playlist's key.
  /// - Returns: A copy.
  public func known(_ path: Span<UInt8>, site: Int, name: Hash128) -> KnownState? {
    lock.lock()
    defer { lock.unlock() }
    guard let key = owner(of: path, site: site),
      let presentation = presentations[key], let rendition = presentation.renditions[name],
      let published = rendition.published
    else { return nil }
    let isNumbered = rendition.history.epoch == presentation.epoch
    let numbering = isNumbered ? rendition.history.numbering : presentation.numbering
    return KnownState(
      text: published.text, key: published.key, offset: numbering.map { 0 &- $0.offset },
      changedAt: rendition.changedAt, observedAt: rendition.observedAt,
      switchedAt: presentation.begunAt)
  }

  /// A playlist can be had from the cache from now on.
  ///
  /// - Parameters:
  ///   - text: What it says.
  ///   - key: The directives under whose key it is stored.
  ///   - question: The playlist.
  public func published(_ text: PlaylistText, as key: BlockingReload, of question: Question) {
    lock.lock()
    defer { lock.unlock() }
    guard let own = owner(of: question.path.span, site: question.site) else { return }
    presentations[own]?.renditions[question.name]?.published = (text, key)
  }
}
