internal import Bytes

extension BlockingReload {
  /// What is done with this request while `playlist` is the latest.
  ///
  /// - Parameter playlist: The full playlist.
  /// - Returns: `ignore` without `_HLS_msn`, and for a playlist that has ended or cannot block.
  public func verdict(for playlist: PlaylistText) -> Verdict {
    guard playlist.canBlockReload, !playlist.hasEndlist else { return .ignore }
    let asked = normalized(for: playlist)
    guard let msn = asked.msn else { return .ignore }
    // The segment to come, whose parts stand in the tail; the last one is in front of it.
    let next = playlist.sequence(at: playlist.segments.count)
    if msn < next { return .answer }
    let distance = msn - next
    // MSN is two beyond the last at most (§6.2.5.2).
    if distance > 1 { return .tooFarAhead }
    guard let part = asked.part else { return .wait }
    let limit = Self.advancePartLimit(playlist.partTarget)
    let known = UInt64(clamping: playlist.tailPartCount)
    if distance == 0 {
      if part < known { return .answer }
      // As many parts beyond the last, whose index is one less than their number.
      return part - known >= limit ? .tooFarAhead : .wait
    }
    return part >= limit ? .tooFarAhead : .wait
  }

  /// Whether `playlist` may be sent to whoever asked so: it has the state, or cannot be waited for.
  ///
  /// AVPlayer fails for good (-15410) on an answer that lacks what it asked for.
  public func isAnswered(by playlist: PlaylistText) -> Bool {
    switch verdict(for: playlist) {
    case .answer, .ignore: true
    case .wait, .tooFarAhead: false
    }
  }

  /// The directives that name the state which a playlist is in.
  ///
  /// - Parameter playlist: The full playlist.
  /// - Returns: Its newest part or segment; `nil` where no reload can wait for it.
  public static func naming(_ playlist: PlaylistText) -> BlockingReload? {
    guard playlist.canBlockReload, !playlist.hasEndlist, let last = playlist.lastSequence else {
      return nil
    }
    var state = BlockingReload()
    state.msn = last
    if playlist.tailPartCount > 0 {
      state.msn = playlist.sequence(at: playlist.segments.count)
      state.part = UInt64(clamping: playlist.tailPartCount - 1)
    }
    return state
  }

  /// The request with a part that lies beyond its segment turned into the next segment's first.
  ///
  /// - Parameter playlist: The full playlist.
  /// - Returns: The same request where the playlist does not tell the segment's parts.
  public func normalized(for playlist: PlaylistText) -> BlockingReload {
    guard let msn, let part else { return self }
    let first = playlist.sequence(at: 0)
    guard msn >= first, msn < playlist.sequence(at: playlist.segments.count) else { return self }
    // Within the segments listed, whose number is an Int.
    let segment = playlist.segments[Int(msn - first)]
    // A segment whose parts are not listed any more is old, and there in whole.
    guard segment.partCount > 0, part >= UInt64(clamping: segment.partCount) else { return self }
    var normalized = self
    normalized.msn = msn + 1
    normalized.part = 0
    return normalized
  }

  /// How many parts ahead may be asked for: three seconds of them, three at least (§6.2.5.2).
  private static func advancePartLimit(_ partTarget: Milliseconds?) -> UInt64 {
    guard let target = partTarget?.count, target < 1000 else { return 3 }
    return UInt64((3000 + max(target, 1) - 1) / max(target, 1))
  }
}
