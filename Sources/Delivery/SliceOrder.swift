internal import Bytes
internal import Cache
internal import Policy
internal import Wire

/// One slice of an object that is fetched in slices: `slice = "1MiB"` in a rule.
struct SliceOrder: Sendable {
  /// Bytes of each slice but the last.
  let unit: UInt64
  /// Which one, from zero.
  var part: UInt32
  /// The object that it belongs to; `nil` for the first that is fetched, which tells what the
  /// object is.
  let parent: CachedObject?

  /// Its first byte.
  var first: UInt64 { UInt64(part) * unit }

  /// What is asked, as far as it is known how long the object is.
  var extent: RangeRequest.Extent {
    let last = first + unit - 1
    guard let parent else { return .closed(first: first, last: last) }
    return .closed(first: first, last: min(last, parent.body.count - 1))
  }

  /// What the origin is asked under: the parent's strong tag, for slices of two versions are never
  /// put together (RFC 9110 section 15.3.7.3).
  func condition(validators: Validators?) -> OriginCondition {
    let tag = parent?.validators.entityTag ?? []
    let known = validators.flatMap { $0.isEmpty ? nil : $0 }
    return .range(extent, ifRange: tag, validators: known)
  }
}
