public import Bytes

/// Says which objects deserve another round when their zone is emptied; a subclass knows purges.
///
/// Asked on the writer's thread, only about objects that were hit since they came or since they
/// were last carried, and that have not expired.
open class CarryJudge: @unchecked Sendable {
  // Exception: unchecked because a subclass may hold locks of its own; this one has no state.

  /// Makes a judge who lets every such object be carried.
  public init() {}

  /// A zone is about to be emptied: hits that the directory was not told of are to be marked now.
  open func willEmptyZone() {}

  /// Whether the object may be carried over; `meta` is what it was stored with.
  open func mayCarry(
    hash: Hash128, primary: Hash128, usableUntil: WallTime, meta: Span<UInt8>
  ) -> Bool { true }
}
