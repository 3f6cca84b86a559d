/// The name of one running fetch within its worker's pool.
///
/// The generation tells a fetch from an earlier one in the same slot: a late call with an old name
/// does nothing.
public struct FetchID: Hashable, Sendable {
  /// The slot in the pool's table.
  public let slot: UInt32
  /// How often the slot had been given out before.
  public let generation: UInt32

  /// Names the fetch in `slot` of `generation`.
  @inline(__always)
  public init(slot: UInt32, generation: UInt32) {
    self.slot = slot
    self.generation = generation
  }
}
