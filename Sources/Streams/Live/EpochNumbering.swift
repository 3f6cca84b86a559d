/// How the numbers of one origin's playlist become those that are sent: one per epoch.
public struct EpochNumbering: Equatable, Sendable {
  /// The sent sequence number minus the origin's.
  public var offset: Int64 = 0
  /// The sent discontinuity count minus the origin's.
  public var discontinuityOffset: Int64 = 0
  /// The origin's first number that is sent; what lies before it was sent from elsewhere.
  public var cut: UInt64 = 0
  /// A discontinuity stands in front of the segment at the cut.
  public var breaks = false

  /// The origin's own numbers.
  public init() {}

  /// Numbers a playlist on behind what was sent.
  ///
  /// - Parameters:
  ///   - text: The new origin's playlist.
  ///   - start: The place of the first segment that is sent; one behind the last if it is to come.
  ///   - edge: The newest segment that was sent.
  ///   - isSeamless: No discontinuity is added.
  public init?(
    of text: PlaylistText, from start: Int, behind edge: RenditionHistory.Edge, isSeamless: Bool
  ) {
    cut = text.mediaSequence &+ UInt64(start)
    breaks = !isSeamless
    var own = text.discontinuitySequence
    for segment in text.segments.prefix(start + 1) where segment.isDiscontinuity { own = own &+ 1 }
    let isMarked = start < text.segments.count && text.segments[start].isDiscontinuity
    guard let number = Int64(exactly: cut), let next = Int64(exactly: edge.number &+ 1),
      let counted = Int64(exactly: own),
      let wanted = Int64(exactly: edge.discontinuity &+ (breaks || isMarked ? 1 : 0))
    else { return nil }
    offset = next - number
    discontinuityOffset = wanted - counted
  }

  /// The same for a rendition of which nothing was sent: all that is listed may be sent.
  var fromTheStart: EpochNumbering {
    var numbering = self
    numbering.cut = 0
    numbering.breaks = false
    return numbering
  }

  /// The number under which the origin's is sent; `nil` where there is none.
  public func sent(_ number: UInt64) -> UInt64? { EpochNumbering.shifted(number, by: offset) }

  /// The origin's number of the one that is sent; `nil` where there is none.
  public func origin(_ number: UInt64) -> UInt64? {
    EpochNumbering.shifted(number, by: 0 &- offset)
  }

  func count(_ count: UInt64) -> UInt64? {
    EpochNumbering.shifted(count, by: discontinuityOffset)
  }

  private static func shifted(_ number: UInt64, by offset: Int64) -> UInt64? {
    if offset == 0 { return number }
    guard let number = Int64(exactly: number) else { return nil }
    let (sum, overflowed) = number.addingReportingOverflow(offset)
    return overflowed || sum < 0 ? nil : UInt64(sum)
  }
}
