/// What an update of a playlist or manifest shows.
struct UpdateNews: Equatable {
  /// It is older than one seen before: numbers or times went back.
  var wentBack = false
  /// Nothing new in it for more than three target durations.
  var isStale = false
  /// How long ago the newest of its segments was recorded; `nil` where that is unknown.
  var age: Int64?
  /// Segments that were gone before the player asked for them.
  var missed = 0
}

/// What of updates a player remembers to see what is wrong with the next.
struct UpdateHistory {
  private var first: UInt64 = 0
  private var last: UInt64 = 0
  private var since: Int64?

  /// Compares an update with those before.
  ///
  /// - Parameters:
  ///   - first: number or time of the first segment.
  ///   - last: that of the last, in any unit that grows.
  ///   - recorded: when the last was recorded, if known.
  ///   - target: nanoseconds after which there should have been something new.
  ///   - now: the time.
  /// - Returns: what the comparison shows.
  mutating func compare(
    first: UInt64, last: UInt64, recorded: Int64?, target: Int64, at now: Int64
  ) -> UpdateNews {
    var news = UpdateNews()
    if since != nil, last < self.last || first < self.first { news.wentBack = true }
    if since == nil || last != self.last || first != self.first { since = now }
    (self.first, self.last) = (first, last)
    if let recorded, abs(now - recorded) < LoadLimits.believableAge {
      news.age = max(0, now - recorded)
    }
    news.isStale = max(news.age ?? 0, now - (since ?? now)) > 3 * target
    return news
  }
}
