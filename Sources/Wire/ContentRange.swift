/// Which part of a representation an answer holds (RFC 9110 section 14.4).
public struct ContentRange: Equatable, Sendable {
  /// The bytes that the answer holds; `nil` in a 416, which only tells the length.
  public var range: ResolvedRange?
  /// The length of the whole representation; `nil` where it is unknown (`*`).
  public var length: UInt64?

  /// Makes a part of a representation.
  public init(range: ResolvedRange?, length: UInt64?) {
    self.range = range
    self.length = length
  }

  /// Reads `bytes first-last/length`, `bytes first-last/*` or `bytes */length`.
  ///
  /// `nil` for anything else: such an answer to a range request is not to be trusted.
  public init?(_ value: Span<UInt8>) {
    guard value.hasPrefixIgnoringCase("bytes ") else { return nil }
    var slash = 6
    while slash < value.count, value[slash] != UInt8(ascii: "/") { slash &+= 1 }
    guard slash < value.count else { return nil }
    let part = value.extracting(6..<slash)
    let whole = value.extracting(slash &+ 1..<value.count)
    if !whole.equals("*") {
      guard let number = whole.decimal, number < UInt64.max else { return nil }
      length = number
    }
    if part.equals("*") {
      guard length != nil else { return nil }
      return
    }
    var dash = 0
    while dash < part.count, part[dash] != UInt8(ascii: "-") { dash &+= 1 }
    guard dash < part.count, let first = part.extracting(0..<dash).decimal,
      let last = part.extracting(dash &+ 1..<part.count).decimal, first <= last, last < UInt64.max
    else { return nil }
    if let length, last >= length { return nil }
    range = ResolvedRange(first: first, last: last)
  }
}

extension HeadWriter {
  /// Adds a Content-Range value.
  public mutating func append(contentRange: ContentRange) {
    append("bytes ")
    if let range = contentRange.range {
      append(decimal: range.first)
      append(UInt8(ascii: "-"))
      append(decimal: range.last)
    } else {
      append(UInt8(ascii: "*"))
    }
    append(UInt8(ascii: "/"))
    if let length = contentRange.length { append(decimal: length) } else { append("*") }
  }
}
