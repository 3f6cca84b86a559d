internal import Wire

/// The paths that one template makes: all alike but for one number.
///
/// Only of a template with one `$Number$` or one `$Time$`, which count up alike. A template in
/// whose query the number stands has none.
public struct SegmentPath: Hashable, Sendable {
  /// What stands in front of the number.
  public let prefix: [UInt8]
  /// What stands behind it; begins with no digit, so that the number's end can be told.
  public let suffix: [UInt8]
  /// The digits that the number has at least.
  let width: Int
  /// It is the start of the segment, not its number.
  public let isTime: Bool

  /// The paths of a representation's segments; `nil` for a template that is not followed.
  ///
  /// - Parameters:
  ///   - template: What names them.
  ///   - representation: Whose they are.
  ///   - base: The path that the name counts from (RFC 3986 section 5.2).
  init?(_ template: SegmentTemplate, of representation: Representation, base: [UInt8]) {
    guard let media = template.media,
      let pieces = template.pieces(of: media, representation), pieces.count == 3,
      case .text(let front) = pieces[0], case .text(let back) = pieces[2]
    else { return nil }
    switch pieces[1] {
    case .number(let digits): (isTime, width) = (false, digits)
    case .time(let digits): (isTime, width) = (true, digits)
    case .text: return nil
    }
    // A byte that stands in no URL marks the number's place.
    let place: UInt8 = 0
    guard !front.contains(place), !back.contains(place), !base.contains(place),
      let path = NamedPart.resolve(front + [place] + back, against: base.span),
      path.count <= StreamsLimits.segmentPathBytesMax, let index = path.firstIndex(of: place)
    else { return nil }
    prefix = Array(path[..<index])
    suffix = Array(path[(index + 1)...])
    if let first = suffix.first, first.isDigit { return nil }
  }

  /// The number in a path; `nil` for a path that the template does not make.
  public func value(in path: Span<UInt8>) -> UInt64? {
    guard path.count > prefix.count + suffix.count,
      path.extracting(0..<prefix.count).equals(prefix.span),
      path.from(path.count - suffix.count).equals(suffix.span)
    else { return nil }
    let digits = path.extracting(prefix.count..<(path.count - suffix.count))
    guard digits.count >= width, let value = digits.wholeNumber() else { return nil }
    // More zeros in front than the template writes.
    if digits.count > max(1, width), digits[0] == UInt8(ascii: "0") { return nil }
    return value
  }

  /// The path of a number.
  public func path(of value: UInt64) -> [UInt8] {
    var path = prefix
    path.append(decimal: value, width: width)
    return path + suffix
  }

  /// The places in a path where a number may stand, with what a template would have around it.
  ///
  /// At most `StreamsLimits.nameDigitsMax`, the last first.
  public static func places(in path: Span<UInt8>) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var end = path.count
    var index = path.count
    while index > 0, places.count < StreamsLimits.nameDigitsMax {
      index -= 1
      if path[index].isDigit { places.append(index..<end) } else { end = index }
    }
    return places
  }
}
