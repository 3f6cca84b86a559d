public import Bytes
internal import Policy

// Objects that come back from a volume.
extension CachedObject {
  /// Makes the object that a volume holds for what the Fill `asked` was to fetch.
  ///
  /// A wall clock that went back since it was written tells no age: then it is stale.
  public convenience init(
    found meta: ObjectMeta, for asked: CachedObject, body: Body, now: Instant, wall: WallTime
  ) {
    let resident = wall.milliseconds - meta.arrival.milliseconds
    self.init(
      restoring: meta, for: asked, body: body,
      freshness: resident < -CacheLimits.clockSlack.count ? meta.freshness.expired : meta.freshness,
      arrival: now + Milliseconds(-max(0, resident)))
  }

  /// Takes over the Vary rule of the object on a volume whose bytes are copied.
  public func take(variantOf source: CachedObject) { vary = source.vary }

  /// Whether a volume is worth a write: it will be good for a while, whole and for everyone.
  public func isWorthKeeping(now: Instant) -> Bool {
    guard body.phase == .whole, extent == nil, !isPrivate, head.withheld.isEmpty,
      !freshness.alwaysRevalidate, tags.count <= CacheLimits.tagsPerObject
    else { return false }
    return freshnessLeft(at: now) >= CacheLimits.lifetimeOnVolumeMin
  }
}
