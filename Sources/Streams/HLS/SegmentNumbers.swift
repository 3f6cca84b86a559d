/// The media sequence numbers of a playlist's segments.
///
/// - Source: RFC 8216bis §4.4.3.2 (EXT-X-MEDIA-SEQUENCE), §4.4.5.2 (EXT-X-SKIP).
struct SegmentNumbers {
  /// EXT-X-MEDIA-SEQUENCE.
  var first: UInt64
  /// Segments in front that are not listed.
  var skipped: Int

  /// The number of the last of `count` segments listed; `nil` without, or beyond all numbers.
  func last(of count: Int) -> UInt64? {
    let whole = UInt64(count) &+ UInt64(clamping: skipped)
    guard whole > 0 else { return nil }
    let (last, overflowed) = first.addingReportingOverflow(whole - 1)
    return overflowed ? nil : last
  }

  /// The number of the segment at `index` among those listed; the highest there is at overflow.
  func number(at index: Int) -> UInt64 {
    let ahead = UInt64(clamping: skipped) &+ UInt64(clamping: index)
    let (number, overflowed) = first.addingReportingOverflow(ahead)
    return overflowed ? .max : number
  }

  /// A number in the numbers of another origin; `nil` where that is no number.
  static func shift(_ number: UInt64, by offset: Int64) -> UInt64? {
    let (sum, overflowed) =
      offset < 0
      ? number.subtractingReportingOverflow(offset.magnitude)
      : number.addingReportingOverflow(offset.magnitude)
    return overflowed ? nil : sum
  }
}
