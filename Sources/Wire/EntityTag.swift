/// A validator that names one version of a representation (RFC 9110 section 8.8.3).
public struct EntityTag: Equatable, Sendable, BitwiseCopyable {
  /// Whether it only promises equal meaning, not equal bytes.
  public var isWeak: Bool
  /// What stands between the quotes, as a range of the parsed bytes.
  public var opaque: ByteRange

  /// Reads `"text"` or `W/"text"` that fills `value`; `nil` for anything else.
  public init?(_ value: Span<UInt8>) {
    var start = 0
    if value.hasPrefix("W/") { start = 2 }
    guard value.count <= WireLimits.headMax, value.count &- start >= 2,
      value[start] == UInt8(ascii: "\""), value[value.count &- 1] == UInt8(ascii: "\"")
    else { return nil }
    for index in start &+ 1..<value.count &- 1 where !value[index].isEntityTagCharacter {
      return nil
    }
    isWeak = start == 2
    opaque = ByteRange(from: start &+ 1, to: value.count &- 1)
  }

  /// Whether both are valid tags of which neither is weak and whose texts are equal.
  ///
  /// What If-Range and If-Match need (RFC 9110 section 8.8.3.2).
  public static func strongMatch(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard let first = EntityTag(left), let second = EntityTag(right) else { return false }
    return !first.isWeak && !second.isWeak
      && left.slice(first.opaque).equals(right.slice(second.opaque))
  }

  /// Whether both are valid tags whose texts are equal, weak or not: what If-None-Match needs.
  public static func weakMatch(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard let first = EntityTag(left), let second = EntityTag(right) else { return false }
    return left.slice(first.opaque).equals(right.slice(second.opaque))
  }

  /// Whether an If-None-Match value matches the tag `current`: a list of tags, or `*`.
  ///
  /// - Parameters:
  ///   - value: one field value.
  ///   - current: the stored entity tag as it was sent; may be empty where there is none, and `*`
  ///     matches all the same, because there is a representation.
  /// - Returns: whether 304 is the answer to a GET.
  public static func ifNoneMatch(_ value: Span<UInt8>, matches current: Span<UInt8>) -> Bool {
    anyMatch(value) { weakMatch($0, current) }
  }

  /// Whether an If-Match value matches the tag `current` by strong comparison.
  ///
  /// - Parameters:
  ///   - value: one field value.
  ///   - current: the stored entity tag as it was sent; may be empty.
  /// - Returns: false where 412 is the answer.
  public static func ifMatch(_ value: Span<UInt8>, matches current: Span<UInt8>) -> Bool {
    anyMatch(value) { strongMatch($0, current) }
  }

  /// Walks the tags of a list; they are split by hand, as a backslash in a tag escapes nothing.
  ///
  /// The list ends where it is malformed: what stands behind that matches nothing.
  @inline(__always)
  private static func anyMatch(
    _ value: Span<UInt8>, _ matches: (Span<UInt8>) -> Bool
  ) -> Bool {
    if value.equals("*") { return true }
    var start = 0
    var isSeparated = true
    while start < value.count {
      while start < value.count, value[start].isSpace || value[start] == UInt8(ascii: ",") {
        isSeparated = isSeparated || value[start] == UInt8(ascii: ",")
        start &+= 1
      }
      guard isSeparated else { return false }
      var end = start
      if value.extracting(start..<value.count).hasPrefix("W/") { end &+= 2 }
      guard end < value.count, value[end] == UInt8(ascii: "\"") else { return false }
      end &+= 1
      while end < value.count, value[end] != UInt8(ascii: "\"") { end &+= 1 }
      guard end < value.count else { return false }
      if matches(value.extracting(start..<end &+ 1)) { return true }
      start = end &+ 1
      isSeparated = false
    }
    return false
  }
}

extension UInt8 {
  /// etagc of RFC 9110 section 8.8.3.
  fileprivate var isEntityTagCharacter: Bool {
    self == 0x21 || (self >= 0x23 && self != 0x7F)
  }
}
