internal import Streams

/// Random answers over the grammar of what caches read, right and wrong alike.
package struct SimpleHeads {
  private var random: SimpleRandom
  /// 2025-07-01T00:00:00Z.
  private let noon = 1_751_328_000

  package init(seed: UInt64) { random = SimpleRandom(seed: seed) }

  package mutating func next() -> SimpleQuestion {
    var question = SimpleQuestion()
    question.now = (noon + random.below(86_400)) * 1000 + random.pick([0, 0, 1, 999, 500])
    question.delay = random.pick([0, 0, 40, 999, 3000])
    question.jitter = random.next()
    question.status = status()
    question.hasAuthorization = random.once(in: 6)
    if random.once(in: 40) { question.method = "HEAD" }
    if random.once(in: 3) { question.kind = kind() }
    if random.once(in: 3) { question.rule = rule() }
    var lines: [SimpleLine] = []
    addDirectives(to: &lines)
    addTimes(to: &lines, now: question.now / 1000)
    addOthers(to: &lines)
    lines.shuffle(using: &random)
    question.lines = lines
    return question
  }

  /// Moments after its arrival at which both are asked: those at the edges among them.
  package mutating func moments(around terms: SimpleTerms?) -> [Int] {
    var edges = [0, random.below(200_000)]
    guard let terms else { return edges }
    let left = terms.lifetime - terms.initialAge
    for edge in [left, left + terms.staleWhileRevalidate, left + terms.staleIfError] {
      edges += [edge - 1, edge, edge + 1]
    }
    return edges.map { max(0, $0) }
  }

  private mutating func status() -> Int {
    if random.once(in: 2) { return 200 }
    let known = [
      203, 204, 206, 300, 301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 414, 416, 429,
      451, 500, 501, 502, 503, 504,
    ]
    return random.once(in: 5) ? random.pick([201, 226, 299, 399, 499, 599]) : random.pick(known)
  }

  private mutating func kind() -> ObjectKind {
    random.pick([
      .playlist, .mediaPlaylist, .multivariantPlaylist, .dashManifest, .segment, .initSegment,
      .key, .text, .image,
    ])
  }

  private mutating func rule() -> SimpleRule {
    var rule = SimpleRule()
    switch random.below(9) {
    case 0: rule.ttl = random.pick([0, 4000, 90_000])
    case 1: rule.errorTTL = random.pick([0, 2000])
    case 2: rule.stale = random.pick([0, 9000])
    case 3: rule.bypass = true
    case 4: rule.session = true
    case 5: rule.live = true
    case 6: rule.heuristic = false
    default:
      for word in ["no-store", "no-cache", "private", "set-cookie", "vary", "must-revalidate"]
      where random.once(in: 3) {
        rule.ignores.insert(word)
      }
    }
    if random.once(in: 8) { rule.stale = 5000 }
    return rule
  }

  // MARK: Cache-Control and its likes

  private mutating func addDirectives(to lines: inout [SimpleLine]) {
    let wanted = random.pick([0, 1, 1, 1, 1, 2, 3])
    for _ in 0..<wanted { lines.append(SimpleLine("cache-control", members(targeted: false))) }
    for name in ["spillway-cache-control", "cdn-cache-control"] where random.once(in: 8) {
      lines.append(SimpleLine(name, members(targeted: !random.once(in: 6))))
      if random.once(in: 8) { lines.append(SimpleLine(name, members(targeted: true))) }
    }
  }

  private mutating func members(targeted: Bool) -> String {
    var text: [String] = []
    for _ in 0..<random.pick([0, 1, 1, 1, 2, 2, 3, 4]) {
      text.append(targeted ? member() : directive())
    }
    let separator = random.pick([", ", ", ", ", ", ",", " ,\t", ", , "])
    var result = text.joined(separator: separator)
    // What a careless hand does to a line.
    if random.once(in: 40), !result.isEmpty {
      var bytes = Array(result.utf8)
      let place = random.below(bytes.count)
      bytes[place] = random.pick(Array("\"\\=,; ;?(-x9".utf8))
      result = String(decoding: bytes, as: UTF8.self)
    }
    return result
  }

  private let times = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"]
  private let flags = [
    "no-store", "no-cache", "private", "must-revalidate", "proxy-revalidate", "public",
    "immutable", "must-understand", "no-transform",
  ]
  private let names = ["x-one", "X-Two", "set-cookie", "etag", "content-type", "\"", " ", "x y"]

  private mutating func seconds() -> String {
    random.once(in: 5)
      ? random.pick(["2147483648", "4294967296", "99999999999999999999", "007", "2147483647"])
      : String(random.pick([0, 1, 5, 60, 3600, random.below(100_000)]))
  }

  private mutating func directive() -> String {
    var name = random.pick(random.once(in: 2) ? times : flags)
    if random.once(in: 8) { name = name.uppercased() }
    if random.once(in: 12) { name = random.pick(["foo", "max_age", "no-storex", "pre-check"]) }
    switch random.below(20) {
    case 0: return name
    case 1: return "\(name)=\"\(seconds())\""
    case 2:
      return name + random.pick(["=", "=-1", "=1.5", " =5", "= 5", "=x", "=\"\"", "=\"5", "=5\""])
    case 3, 4: return "\(name)=\"\(listed())\""
    case 5: return "\(name)=\(listed())"
    case 6: return name + random.pick(["=\"\\5\"", "=+5", "=5;x", " 5", "=1e3", "='5'", ":5"])
    default: break
    }
    if times.contains(name.lowercased()) { return "\(name)=\(seconds())" }
    return name
  }

  private mutating func listed() -> String {
    var list: [String] = []
    for _ in 0..<random.pick([0, 1, 1, 2]) {
      list.append(random.pick(random.once(in: 6) ? names : Array(names.prefix(5))))
    }
    return list.joined(separator: random.pick([", ", ","]))
  }

  private static let wrongTypes = [
    "\"5\"", "1.5", "?1", "-5", "tok", ":YQ==:", "(1 2)", "@9", ":YQ:", ":Y:", ":=Q=:",
  ]

  private mutating func member() -> String {
    let name = random.pick(random.once(in: 2) ? times : flags)
    let parameter = random.once(in: 10) ? random.pick([";a", ";a=1;b", "; x=\"y\"", ";A"]) : ""
    switch random.below(16) {
    case 0: return name + parameter
    case 1: return "\(name)=" + random.pick(SimpleHeads.wrongTypes)
    case 2: return "\(name)=" + random.pick(["?0", "?2", "01", "1.", "%\"a\"", "\"x-one, x-two\""])
    case 3: return "\(name)=\"\(listed())\""
    case 4:
      return random.pick(["foo", "foo=1", "*x=?0", "a.b=()", "Foo", "1a", "", "foo=\"a, b\""])
    default: break
    }
    return (times.contains(name) ? "\(name)=\(seconds())" : name) + parameter
  }

  // MARK: Dates and the rest

  private mutating func date(near now: Int) -> String {
    let moment = now + random.pick([0, -1, 1, -60, 3600, -86_400, -864_000, 864_000, -8_640_000])
    let date = SimpleDate.text(moment)
    switch random.below(16) {
    case 0: return random.pick(["0", "-1", "", "now", "Tue, 01 Jul 2025", "2025-07-01T00:00:00Z"])
    case 1: return random.pick(SimpleHeads.odd)
    case 2: return date.lowercased()
    case 3: return String(date.dropLast(3)) + random.pick(["UTC", "+0000", "gmt", ""])
    default: return date
    }
  }

  /// 1 July 2025 and its neighbours in odd forms, half of them right.
  private static let odd = [
    "Tuesday, 01-Jul-25 00:00:00 GMT", "Tue Jul  1 00:00:00 2025", "Tue Jul 01 00:00:00 2025",
    "Mon, 01 Jul 2025 00:00:00 GMT", "Tue, 01 Jul 2025 23:59:60 GMT",
    "Tue, 1 Jul 2025 00:00:00 GMT", "Tue, 01 Jul 2025 24:00:00 GMT", "Tue, 01 Jul 2025 0:00:00 GMT",
    "Tue, 31 Jun 2025 00:00:00 GMT", "Thu, 29 Feb 2024 12:00:00 GMT",
    "Wed, 29 Feb 2023 12:00:00 GMT", "Tue, 01-Jul-25 00:00:00 GMT",
    "Tuesday, 01-Jul-2025 00:00:00 GMT", "Tue Jul 1 00:00:00 2025",
    "Tue,  01 Jul 2025 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT",
    "Monday, 01-Jul-75 00:00:00 GMT", "Monday, 01-Jan-76 00:00:00 GMT",
    "Tue, 01 Jul 2025 00:00:00 GMT ", "Sun, 30 Nov 1969 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
  ]

  private mutating func addTimes(to lines: inout [SimpleLine], now: Int) {
    for (name, times) in [("date", 2), ("expires", 3), ("last-modified", 2)]
    where random.once(in: times) {
      lines.append(SimpleLine(name, date(near: now)))
      if random.once(in: 15) { lines.append(SimpleLine(name, date(near: now))) }
    }
    guard random.once(in: 4) else { return }
    let ages = [
      "0", "7", "60", "3600", "007", "", "x", "-1", "1.5", "7, 9", ", 7", "99999999999999999999",
      "2147483648", "\"7\"", "7 9",
    ]
    lines.append(SimpleLine("age", random.pick(ages)))
    if random.once(in: 8) { lines.append(SimpleLine("age", random.pick(ages))) }
  }

  private mutating func addOthers(to lines: inout [SimpleLine]) {
    if random.once(in: 2) { lines.append(SimpleLine("etag", random.pick(["\"a\"", "W/\"a\""]))) }
    if random.once(in: 8) {
      lines.append(SimpleLine("pragma", random.pick(["no-cache", "No-Cache", "x, no-cache", "x"])))
    }
    if random.once(in: 10) { lines.append(SimpleLine("set-cookie", "a=b")) }
    if random.once(in: 6) {
      let vary = ["accept-encoding", "X-One, x-two", "*", "x, *", "", ",", "x y", "Accept, accept"]
      lines.append(SimpleLine("vary", random.pick(vary)))
    }
    for name in ["x-one", "x-two", "content-type", "keep-alive", "via", "proxy-authenticate"]
    where random.once(in: 6) {
      lines.append(SimpleLine(name, "v"))
    }
    if random.once(in: 10) {
      lines.append(SimpleLine("connection", random.pick(["x-one", "close, X-Two", "x-two,,etag"])))
    }
  }
}
