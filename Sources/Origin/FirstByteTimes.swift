internal import Bytes

/// How long an origin took for first bytes lately, to tell which answer is late: a value.
///
/// Four places for each doubling of the time; when it is full everything counts half.
struct FirstByteTimes {
  private var counts = Array(repeating: 0, count: 100)
  private var total = 0

  /// It took so long, in microseconds.
  mutating func add(_ microseconds: Int) {
    counts[FirstByteTimes.place(of: microseconds)] += 1
    total += 1
    guard total >= OriginLimits.firstByteSamples else { return }
    total = 0
    for place in counts.indices {
      counts[place] /= 2
      total += counts[place]
    }
  }

  /// After which time an answer is late: 95 of 100 came sooner; `nil` while too little is known.
  var late: Milliseconds? {
    guard total >= OriginLimits.hedgeSamplesMin else { return nil }
    var slower = 0
    for place in counts.indices.reversed() {
      slower += counts[place]
      guard slower * 20 > total else { continue }
      return max(
        OriginLimits.hedgeDelayMin, Milliseconds(Int64(FirstByteTimes.end(of: place) / 1000)))
    }
    return nil
  }

  private static func place(of microseconds: Int) -> Int {
    let time = max(4, microseconds)
    let shift = Int.bitWidth - time.leadingZeroBitCount - 3
    return min(99, shift * 4 + (time >> shift) & 3)
  }

  /// The first time, in microseconds, that is too long for `place`.
  private static func end(of place: Int) -> Int { (4 + place % 4 + 1) << (place / 4) }
}

/// How many hedges an origin may still get, a value: each fetch earns a part of one.
struct HedgeAllowance {
  private var hundredths = 0

  /// Whether one is left.
  var isLeft: Bool { hundredths >= 100 }

  /// A fetch begins.
  mutating func began() {
    hundredths = min(hundredths + OriginLimits.hedgePercent, 100 * OriginLimits.hedgesSavedMax)
  }

  /// Takes one that is left.
  mutating func take() {
    precondition(isLeft, "no hedge is left")
    hundredths -= 100
  }
}
