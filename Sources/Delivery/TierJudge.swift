internal import Bytes
internal import Cache
internal import Policy
internal import Store

/// Says which objects a volume carries over: those that were asked for and not purged since.
final class TierJudge: CarryJudge, @unchecked Sendable {
  // Exception: unchecked, because its base is; what it adds does not change.
  private let tier: VolumeTier

  init(_ tier: VolumeTier) { self.tier = tier }

  /// What was hit in memory and is still there was never asked of the volume: its zone would drop
  /// the hottest objects of all.
  override func willEmptyZone() {
    guard let table = tier.bench?.table else { return }
    for part in 0..<table.partCount {
      for (object, wasHit) in table.stored(inPart: part) where wasHit {
        tier.store.directory.markHit(object.variant)
      }
    }
  }

  override func mayCarry(
    hash: Hash128, primary: Hash128, usableUntil: WallTime, meta: Span<UInt8>
  ) -> Bool {
    guard let bench = tier.bench, let meta = ObjectMeta(meta, wall: .read()),
      let site = bench.snapshot.site(named: meta.siteName)
    else { return false }
    return !meta.isPurged(by: bench.table.purges, primary: primary, site: site)
  }
}
