/// The languages that a viewer prefers (RFC 9110 section 12.5.4).
///
/// Ranges are those of RFC 4647 section 2.1, such as `it`, `de-CH` or `*`; an element that is none,
/// or whose weight is malformed, is passed over. Of a range that is named twice the first counts.
/// All ranges are offsets into the bytes that were parsed: nothing is allocated.
public struct AcceptLanguage: Sendable {
  private struct Entry: BitwiseCopyable {
    var range: ByteRange
    var quality: UInt16
  }

  /// The number of ranges.
  public private(set) var count = 0
  /// Whether there were more than `WireLimits.languagesMax`: the others are forgotten, and the
  /// answer to such a request should not be shared.
  public private(set) var isCut = false
  /// By falling quality; equal ones in the order in which they were sent.
  private var entries: [24 of Entry] = .init(
    repeating: Entry(range: .empty, quality: 0))

  /// Reads all lines of the field together.
  public init(of fields: borrowing HeadFields, in bytes: Span<UInt8>) {
    var line = fields.firstIndex(of: .acceptLanguage)
    while let index = line {
      add(fields[index].value, in: bytes)
      line = fields.nextIndex(of: .acceptLanguage, after: index)
    }
  }

  /// Reads one value of the field, which lies in `bytes`.
  public init(_ value: ByteRange, in bytes: Span<UInt8>) { add(value, in: bytes) }

  /// Appends the preferences in the one form that all equal ones share.
  ///
  /// By falling weight, equal ones by alphabet, because their order cannot be relied on (section
  /// 12.5.4); subtags in the case of RFC 5646 section 2.1.1; weights without zeros at the end.
  /// Nothing where no range was understood.
  public func appendText(in bytes: Span<UInt8>, to output: inout [UInt8]) {
    var sorted = self
    sorted.sortEqualsByAlphabet(bytes)
    for index in 0..<count {
      if index > 0 {
        output.append(UInt8(ascii: ","))
        output.append(0x20)
      }
      let entry = sorted.entries[index]
      AcceptLanguage.append(tag: bytes.slice(entry.range), to: &output)
      AcceptLanguage.append(weight: entry.quality, to: &output)
    }
  }

  /// Which of `languages` suits best, by the lookup of RFC 4647 section 3.4.
  ///
  /// Each range, the most wanted first, is shortened from its end until it is one of the languages.
  /// `*` stands for the first language that is not refused, if nothing else fits.
  ///
  /// - Parameters:
  ///   - languages: language tags, the default first.
  ///   - bytes: what the ranges count in.
  /// - Returns: an index, or `nil` where none is acceptable: the site's default is the answer.
  public func best(of languages: [[UInt8]], in bytes: Span<UInt8>) -> Int? {
    var takesAny = false
    for index in 0..<count where entries[index].quality > 0 {
      let range = bytes.slice(entries[index].range)
      if range.equals("*") {
        takesAny = true
        continue
      }
      var length = range.count
      while length > 0 {
        if let found = exact(range.extracting(0..<length), languages, bytes) { return found }
        length = AcceptLanguage.shortened(range, from: length)
      }
    }
    guard takesAny else { return nil }
    for index in languages.indices {
      let language = languages[index]
      if !refuses(language.span, bytes) { return index }
    }
    return nil
  }

  private mutating func add(_ value: ByteRange, in bytes: Span<UInt8>) {
    var list = TokenList(value)
    while let element = list.next(in: bytes) {
      let item = bytes.slice(element)
      var end = 0
      while end < item.count, item[end] != UInt8(ascii: ";"), !item[end].isSpace { end &+= 1 }
      let range = ByteRange(from: Int(element.start), to: Int(element.start) &+ end)
      guard AcceptLanguage.isRange(item.extracting(0..<end)),
        let quality = Quality.read(item, from: end)
      else { continue }
      insert(Entry(range: range, quality: quality), bytes)
    }
  }

  private mutating func insert(_ entry: Entry, _ bytes: Span<UInt8>) {
    for index in 0..<count
    where bytes.slice(entries[index].range).equalsIgnoringCase(bytes.slice(entry.range)) {
      return
    }
    guard count < WireLimits.languagesMax else {
      isCut = true
      return
    }
    var place = count
    while place > 0, entries[place &- 1].quality < entry.quality {
      entries[place] = entries[place &- 1]
      place &-= 1
    }
    entries[place] = entry
    count &+= 1
  }

  private mutating func sortEqualsByAlphabet(_ bytes: Span<UInt8>) {
    guard count > 1 else { return }
    for index in 1..<count {
      let entry = entries[index]
      let text = bytes.slice(entry.range)
      var place = index
      while place > 0, entries[place &- 1].quality == entry.quality,
        AcceptLanguage.isBefore(text, bytes.slice(entries[place &- 1].range))
      {
        entries[place] = entries[place &- 1]
        place &-= 1
      }
      entries[place] = entry
    }
  }

  private func exact(
    _ range: Span<UInt8>, _ languages: [[UInt8]], _ bytes: Span<UInt8>
  ) -> Int? {
    for index in languages.indices {
      let language = languages[index]
      if language.span.equalsIgnoringCase(range) { return refuses(range, bytes) ? nil : index }
    }
    return nil
  }

  /// Whether the viewer named exactly this language with a weight of zero.
  private func refuses(_ language: Span<UInt8>, _ bytes: Span<UInt8>) -> Bool {
    for index in 0..<count where entries[index].quality == 0 {
      if bytes.slice(entries[index].range).equalsIgnoringCase(language) { return true }
    }
    return false
  }
}

/// Language tags as text.
extension AcceptLanguage {
  /// `1*8ALPHA *("-" 1*8alphanum)` or `*`.
  private static func isRange(_ text: Span<UInt8>) -> Bool {
    if text.equals("*") { return true }
    var length = 0
    var isFirst = true
    for index in text.indices {
      let byte = text[index]
      if byte == UInt8(ascii: "-") {
        guard length > 0 else { return false }
        length = 0
        isFirst = false
        continue
      }
      length &+= 1
      let isLetter = byte.lowercased &- UInt8(ascii: "a") < 26
      guard length <= 8, isLetter || (!isFirst && byte.isDigit) else { return false }
    }
    return length > 0
  }

  /// The length without the last subtag, nor a single letter that then ends it; 0 at the end.
  private static func shortened(_ range: Span<UInt8>, from length: Int) -> Int {
    var end = length
    while true {
      while end > 0, range[end &- 1] != UInt8(ascii: "-") { end &-= 1 }
      guard end > 1 else { return 0 }
      end &-= 1
      let isSingle = end == 1 || range[end &- 2] == UInt8(ascii: "-")
      guard isSingle else { return end }
    }
  }

  private static func isBefore(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    for index in 0..<min(left.count, right.count) {
      let (first, second) = (left[index].lowercased, right[index].lowercased)
      if first != second { return first < second }
    }
    return left.count < right.count
  }

  /// Small letters, but regions in capitals and scripts with one: `zh-Hant-TW`.
  private static func append(tag: Span<UInt8>, to output: inout [UInt8]) {
    var start = 0
    var isPlain = true
    while start < tag.count {
      var end = start
      while end < tag.count, tag[end] != UInt8(ascii: "-") { end &+= 1 }
      if start > 0 { output.append(UInt8(ascii: "-")) }
      for index in start..<end {
        let small = tag[index].lowercased
        let isCapital =
          isPlain && start > 0 && (end &- start == 2 || (end &- start == 4 && index == start))
        output.append(
          isCapital && !small.isDigit && small != UInt8(ascii: "*") ? small &- 32 : small)
      }
      // Behind a single letter everything is an extension's own.
      if end &- start == 1 { isPlain = false }
      start = end &+ 1
    }
  }

  /// `;q=0.25`; nothing for 1.
  private static func append(weight: UInt16, to output: inout [UInt8]) {
    guard weight < 1000 else { return }
    for byte in ";q=0".utf8 { output.append(byte) }
    guard weight > 0 else { return }
    output.append(UInt8(ascii: "."))
    var rest = weight
    var place: UInt16 = 100
    while rest > 0 {
      output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest / place))
      rest %= place
      place /= 10
    }
  }
}
