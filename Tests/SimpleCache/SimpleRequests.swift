/// Random requests with conditions and ranges, and answers that they meet.
package struct SimpleRequests {
  private var random: SimpleRandom
  /// 2025-07-01T00:00:00Z.
  package static let now = 1_751_328_000

  package init(seed: UInt64) { random = SimpleRandom(seed: seed) }

  package mutating func stored() -> SimpleStored {
    var stored = SimpleStored()
    if random.once(in: 20) { stored.status = random.pick([203, 206, 301, 404, 500]) }
    stored.tag = random.pick(["\"v1\"", "\"v1\"", "W/\"v1\"", "", "\"\"", "\"a,b\"", "v1", "\"v1"])
    if !random.once(in: 3) { stored.modified = SimpleRequests.now + random.pick([0, -60, 60]) }
    if !random.once(in: 3) { stored.date = SimpleRequests.now + random.pick([0, -60, 1, 60]) }
    if !random.once(in: 4) { stored.length = random.pick([0, 1, 100, 500, 1000, 3000]) }
    return stored
  }

  package mutating func isGet() -> Bool { !random.once(in: 10) }

  package mutating func lines() -> [SimpleLine] {
    var lines: [SimpleLine] = []
    for (name, times) in [("if-match", 6), ("if-none-match", 4)] where random.once(in: times) {
      lines.append(SimpleLine(name, tags()))
      if random.once(in: 6) { lines.append(SimpleLine(name, tags())) }
    }
    for (name, times) in [("if-unmodified-since", 6), ("if-modified-since", 4)]
    where random.once(in: times) {
      lines.append(SimpleLine(name, date()))
      if random.once(in: 15) { lines.append(SimpleLine(name, date())) }
    }
    if random.once(in: 2) {
      lines.append(SimpleLine("range", ranges()))
      if random.once(in: 20) { lines.append(SimpleLine("range", ranges())) }
      if random.once(in: 3) {
        lines.append(SimpleLine("if-range", random.once(in: 2) ? date() : tag()))
        if random.once(in: 15) { lines.append(SimpleLine("if-range", tag())) }
      }
    }
    lines.shuffle(using: &random)
    return lines
  }

  private mutating func tag() -> String {
    random.pick([
      "\"v1\"", "\"v1\"", "W/\"v1\"", "\"v2\"", "\"\"", "\"a,b\"", "v1", "w/\"v1\"", "\"v1", "*",
      "\"v 1\"", "W/ \"v1\"",
    ])
  }

  private mutating func tags() -> String {
    if random.once(in: 6) { return random.pick(["*", "", ",", "*, \"v1\""]) }
    var list: [String] = []
    for _ in 0..<random.pick([1, 1, 2, 3]) { list.append(tag()) }
    return list.joined(separator: random.pick([", ", ", ", ",", " ,, ", " "]))
  }

  private mutating func date() -> String {
    let date = SimpleDate.text(SimpleRequests.now + random.pick([0, -60, 60, 1, -1]))
    if random.once(in: 8) { return random.pick(["0", "", "now", date + " x", date.lowercased()]) }
    return random.once(in: 8)
      ? random.pick(["Tuesday, 01-Jul-25 00:00:00 GMT", "Tue Jul  1 00:00:00 2025"]) : date
  }

  private mutating func position() -> Int {
    random.once(in: 3) ? random.pick([0, 1, 99, 100, 499, 500, 999, 1000]) : random.below(1200)
  }

  private mutating func range() -> String {
    let first = position()
    switch random.below(12) {
    case 0: return "\(first)-"
    case 1, 2: return "-\(random.pick([0, 1, 10, 5000, first]))"
    case 3: return "\(first)-9007199254740991"
    case 4: return "\(first)-\(position())"
    case 5:
      return random.pick([
        "", "-", "a-b", "1-2-3", "1 -2", "1", "+1-2", "99999999999999999999999-", "--1", "0x1-2",
        "5-99999999999999999999999", "00-01",
      ])
    default: return "\(first)-\(first + random.pick([0, 1, 9, 49, 79, 80, 81, 200]))"
    }
  }

  private mutating func ranges() -> String {
    var list: [String] = []
    for _ in 0..<random.pick([1, 1, 1, 2, 2, 3, 4, 17]) { list.append(range()) }
    let unit = random.once(in: 10) ? random.pick(["Bytes=", "bytes =", "items=", "bytes= "]) : ""
    return (unit.isEmpty ? "bytes=" : unit)
      + list.joined(separator: random.pick([",", ", ", " ,\t,"]))
  }
}
