/// What is known about a stored answer when a request with conditions comes.
package struct SimpleStored: Sendable {
  package var status = 200
  /// The ETag as it was sent; empty without one.
  package var tag = ""
  package var modified: Int?
  package var date: Int?
  /// `nil` while it grows.
  package var length: Int?

  package init() {}
}

/// What a request with conditions or ranges gets.
package enum SimpleVerdict: Sendable, Equatable {
  case full
  case notModified
  case failed
  case partial([ClosedRange<Int>])
  case unsatisfiable
  /// 206 from here on, as long as it grows: RFC 8673.
  case openEnded(Int)
  /// 206, once the length is known.
  case later
}

/// Conditions and ranges, a second time: RFC 9110 sections 13.2.2 and 14.
package struct SimpleCondition {
  private let isGet: Bool
  private let lines: [SimpleLine]
  private let stored: SimpleStored
  private let now: Int

  package static func verdict(
    isGet: Bool, _ lines: [SimpleLine], stored: SimpleStored, now: Int
  ) -> SimpleVerdict {
    SimpleCondition(isGet: isGet, lines: lines, stored: stored, now: now).verdict
  }

  /// 13.2.2: its five steps in order, for GET and HEAD.
  private var verdict: SimpleVerdict {
    // 13.2.1: conditions are about what would have been a 200.
    if stored.status != 200 { return .full }
    if has("if-match") {
      if !ifMatch { return .failed }
    } else if let since = date("if-unmodified-since"), let modified = stored.modified {
      if modified > since { return .failed }
    }
    if has("if-none-match") {
      if !ifNoneMatch { return .notModified }
    } else if let since = date("if-modified-since"), let modified = stored.modified ?? stored.date {
      // RFC 9111 section 4.3.2: Date stands in for a Last-Modified that is not there.
      if modified <= since { return .notModified }
    }
    guard isGet, let value = only("range"), let specs = ranges(value) else { return .full }
    return has("if-range") && !ifRange ? .full : resolve(specs)
  }

  // MARK: Fields

  private func values(_ name: String) -> [String] {
    lines.filter { $0.name == name }.map(\.value)
  }

  private func has(_ name: String) -> Bool { !values(name).isEmpty }

  /// The value of a field that stands once.
  private func only(_ name: String) -> String? {
    let values = values(name)
    return values.count == 1 ? values[0] : nil
  }

  /// 13.1.3, 13.1.4: what is no date is ignored.
  private func date(_ name: String) -> Int? {
    only(name).flatMap { SimpleDate.seconds($0, now: now) }
  }

  // MARK: Tags, section 8.8.3

  private struct Tag {
    var isWeak: Bool
    var text: [UInt8]

    init?(_ bytes: [UInt8]) {
      isWeak = bytes.starts(with: Array("W/".utf8))
      let quoted = isWeak ? Array(bytes.dropFirst(2)) : bytes
      guard quoted.count >= 2, quoted.first == 0x22, quoted.last == 0x22 else { return nil }
      text = Array(quoted.dropFirst().dropLast())
      // etagc: visible but for the quote, and obs-text.
      guard text.allSatisfy({ $0 == 0x21 || $0 >= 0x23 && $0 != 0x7F }) else { return nil }
    }
  }

  private var storedTag: Tag? { Tag(Array(stored.tag.utf8)) }

  private func strongly(_ tag: Tag) -> Bool {
    guard let storedTag else { return false }
    return !tag.isWeak && !storedTag.isWeak && tag.text == storedTag.text
  }

  /// The tags of a list; a comma may stand in a tag, so it is cut at quotes.
  private func tags(_ value: String) -> [Tag] {
    var rest = Array(value.utf8)
    var result: [Tag] = []
    while true {
      let gap = rest.prefix { [0x20, 0x09, 0x2C].contains($0) }
      rest.removeFirst(gap.count)
      let start = rest.starts(with: Array("W/".utf8)) ? 3 : 1
      // Two tags without a comma between them are no list any more.
      guard rest.count == value.utf8.count - gap.count || gap.contains(0x2C),
        rest.count > start, rest[start - 1] == 0x22,
        let end = rest[start...].firstIndex(of: 0x22)
      else { return result }
      // One with a space in it is none, and hides no other.
      if let tag = Tag(Array(rest[...end])) { result.append(tag) }
      rest.removeFirst(end + 1)
    }
  }

  /// 13.1.1: a star is met by whatever is there, a list by strong comparison.
  private var ifMatch: Bool {
    let values = values("if-match")
    return values.contains("*") || values.flatMap { tags($0) }.contains { strongly($0) }
  }

  /// 13.1.2: false where a tag matches by weak comparison, or for a star.
  private var ifNoneMatch: Bool {
    let values = values("if-none-match")
    if values.contains("*") { return false }
    return !values.flatMap { tags($0) }.contains { $0.text == storedTag?.text }
  }

  /// 13.1.5: the strong tag, or exactly the date, if that is strong by 8.8.2.2.
  private var ifRange: Bool {
    guard let value = only("if-range") else { return false }
    if let tag = Tag(Array(value.utf8)) { return strongly(tag) }
    guard let date = SimpleDate.seconds(value, now: now), let made = stored.date else {
      return false
    }
    return date == stored.modified && made > date
  }

  // MARK: Ranges, section 14

  private enum Spec {
    case from(Int, to: Int?)
    case last(Int)
  }

  private static let openEnd = 9_007_199_254_740_991
  private static let positionMax = 100_000_000_000_000_000

  /// 14.1.1, 14.2: `nil` where the field is to be ignored.
  private func ranges(_ value: String) -> [Spec]? {
    let bytes = Array(value.utf8)
    guard SimpleText.text(Array(bytes.prefix(6))).lowercased() == "bytes=" else { return nil }
    let elements = SimpleText.elements(Array(bytes.dropFirst(6)))
    var specs: [Spec] = []
    for element in elements {
      guard let dash = element.firstIndex(of: UInt8(ascii: "-")) else { return nil }
      let before = Array(element[..<dash])
      let after = Array(element[(dash + 1)...])
      let first = SimpleText.number(before, limit: SimpleCondition.positionMax)
      let last = SimpleText.number(after, limit: SimpleCondition.positionMax)
      if before.isEmpty, let last {
        specs.append(.last(last))
      } else if let first, after.isEmpty {
        specs.append(.from(first, to: nil))
      } else if let first, let last, first <= last {
        specs.append(.from(first, to: last))
      } else {
        return nil
      }
    }
    return (1...16).contains(specs.count) ? specs : nil
  }

  private func resolve(_ specs: [Spec]) -> SimpleVerdict {
    guard let length = stored.length else {
      if specs.count == 1, case .from(let first, SimpleCondition.openEnd) = specs[0] {
        return .openEnded(first)
      }
      return .later
    }
    let asked = specs.compactMap { bytes(of: $0, length: length) }
    if asked.isEmpty {
      // The last bytes of nothing are there, but no Content-Range can say so.
      let isSuffix = specs.contains { if case .last(1...) = $0 { true } else { false } }
      return length == 0 && isSuffix ? .full : .unsatisfiable
    }
    if specs.count == 1 { return .partial(asked) }
    return isAbuse(asked, length: length) ? .full : .partial(joined(asked, length: length))
  }

  private func bytes(of spec: Spec, length: Int) -> ClosedRange<Int>? {
    switch spec {
    case .from(let first, let last):
      return first < length ? first...min(last ?? length, length - 1) : nil
    case .last(let count):
      return count > 0 && length > 0 ? max(0, length - count)...(length - 1) : nil
    }
  }

  /// 14.2, 17.15: more bytes than there are, or more than two that overlap others.
  private func isAbuse(_ ranges: [ClosedRange<Int>], length: Int) -> Bool {
    let overlapping = ranges.indices.filter { one in
      ranges.indices.contains { $0 != one && ranges[$0].overlaps(ranges[one]) }
    }
    return overlapping.count > 2 || ranges.map(\.count).reduce(0, +) > length
  }

  /// 15.3.7.2: byte by byte, gaps under 80 bytes filled, in the order in which they were asked.
  private func joined(_ ranges: [ClosedRange<Int>], length: Int) -> [ClosedRange<Int>] {
    var wanted = [Bool](repeating: false, count: length)
    for range in ranges { for byte in range { wanted[byte] = true } }
    var runs: [ClosedRange<Int>] = []
    for byte in 0..<length where wanted[byte] {
      if let last = runs.last, byte - last.upperBound - 1 < 80 {
        runs[runs.count - 1] = last.lowerBound...byte
      } else {
        runs.append(byte...byte)
      }
    }
    var result: [ClosedRange<Int>] = []
    for range in ranges {
      for run in runs where run.overlaps(range) && !result.contains(run) { result.append(run) }
    }
    return result
  }
}
