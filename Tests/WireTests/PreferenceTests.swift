import Testing
import Wire

@Suite struct `Accept-Encoding` {
  /// Value, then the qualities of gzip, br, zstd and identity in thousandths.
  struct Row: Sendable {
    var lines: [String]
    var expected: [UInt16]

    init(_ lines: String..., gives expected: [UInt16]) {
      (self.lines, self.expected) = (lines, expected)
    }
  }

  static let rows = [
    // RFC 9110 section 12.5.3: what is named, `*` for the others, identity unless excluded.
    Row("gzip, deflate, br", gives: [1000, 1000, 0, 1000]),
    Row("gzip, deflate, br, zstd", gives: [1000, 1000, 1000, 1000]),
    Row("", gives: [0, 0, 0, 1000]), Row("*", gives: [1000, 1000, 1000, 1000]),
    Row("*;q=0", gives: [0, 0, 0, 0]), Row("identity;q=0, gzip", gives: [1000, 0, 0, 0]),
    Row("*;q=0, identity", gives: [0, 0, 0, 1000]),
    Row("br, *;q=0.2", gives: [200, 1000, 200, 1000]),
    Row("*;q=0, gzip", gives: [1000, 0, 0, 0]), Row("x-gzip", gives: [1000, 0, 0, 1000]),
    Row("GZIP ; Q=0.001", gives: [1, 0, 0, 1000]), Row("gzipped, xbr", gives: [0, 0, 0, 1000]),
    // Section 12.4.2: at most three decimals, at most one; what is malformed is not wanted.
    Row("gzip;q=0.5, br;q=0", gives: [500, 0, 0, 1000]),
    Row("gzip;q=1.", gives: [1000, 0, 0, 1000]),
    Row("gzip;q=1.000", gives: [1000, 0, 0, 1000]), Row("gzip;q=1.001", gives: [0, 0, 0, 1000]),
    Row("gzip;q=x", gives: [0, 0, 0, 1000]), Row("gzip;q=0.1234", gives: [0, 0, 0, 1000]),
    Row("gzip;q=", gives: [0, 0, 0, 1000]), Row("gzip;q=.5", gives: [0, 0, 0, 1000]),
    Row("gzip;q=-1", gives: [0, 0, 0, 1000]), Row("gzip;q=2", gives: [0, 0, 0, 1000]),
    Row("gzip;level=9;q=0.25", gives: [250, 0, 0, 1000]), Row("gzip q=1", gives: [0, 0, 0, 1000]),
    // One list over all lines; of what is named twice the first counts.
    Row("gzip;q=0", "br", "gzip", gives: [0, 1000, 0, 1000]),
    Row("gzip, gzip;q=0", gives: [1000, 0, 0, 1000]),
  ]

  @Test(arguments: rows)
  func `says which codings are acceptable`(row: Row) throws {
    let accepted = try field("Accept-Encoding", row.lines) { AcceptEncoding(of: $0, in: $1) }

    #expect(
      [accepted.gzip, accepted.brotli, accepted.zstandard, accepted.identity] == row.expected)
    if row.lines.count == 1 { #expect(AcceptEncoding(raw(row.lines[0]).span) == accepted) }
  }

  @Test func `is reduced to the codings that a site tells apart`() {
    let all = AcceptEncoding(raw("gzip, br, zstd").span)
    let usual: CodingSet = [.gzip, .brotli]

    #expect(all.accepted(among: usual) == usual)
    #expect(all.accepted(among: []) == [])
    #expect(AcceptEncoding(raw("zstd, deflate").span).accepted(among: usual) == [])
    #expect(AcceptEncoding(raw("*, br;q=0").span).accepted(among: usual) == .gzip)
    #expect(AcceptEncoding().accepted(among: usual) == [])
  }

  @Test func `is written as what it was reduced to`() {
    for bits in UInt8(0)...7 {
      let codings = CodingSet(rawValue: bits)
      let accepted = AcceptEncoding(raw("\(codings.text)").span)
      #expect(accepted.accepted(among: [.gzip, .brotli, .zstandard]) == codings)
    }
    #expect(CodingSet(name: raw("X-GZIP").span) == .gzip)
    #expect(CodingSet(name: raw("br").span) == .brotli)
    #expect(CodingSet(name: raw("zstd").span) == .zstandard)
    #expect(CodingSet(name: raw("deflate").span) == nil)
  }
}

@Suite struct `Accept-Language` {
  static let texts: [([String], String)] = [
    (["it"], "it"), (["IT-it , en;q=0.8"], "it-IT, en;q=0.8"),
    // Order is worth nothing where weights are equal (RFC 9110 section 12.5.4).
    (["en, de, it"], "de, en, it"), (["it;q=0.5, en;q=0.5, de"], "de, en;q=0.5, it;q=0.5"),
    (["en;q=0.5, it"], "it, en;q=0.5"), (["it", "en;q=0.5"], "it, en;q=0.5"),
    (["en-GB, en"], "en, en-GB"),
    // Weights in one form (section 12.4.2).
    (["it;q=1.000, en;q=0.500, de;Q=0.05"], "it, en;q=0.5, de;q=0.05"),
    (["it;q=0.000"], "it;q=0"), (["*;q=0.001, it"], "it, *;q=0.001"),
    // The case of RFC 5646 section 2.1.1.
    (["ZH-HANT-tw"], "zh-Hant-TW"), (["sl-ROZAJ-1994"], "sl-rozaj-1994"), (["es-419"], "es-419"),
    (["en-a-BB-CCCC"], "en-a-bb-cccc"), (["x-AB"], "x-ab"),
    // What is no range (RFC 4647 section 2.1) or has no readable weight is passed over.
    (["en_US, it"], "it"), (["abcdefghi, it"], "it"), (["it-, -it, it--IT, 1a, e1, it"], "it"),
    (["*-US, it"], "it"), (["en;q=x, de;q=2, it"], "it"), (["\"en\", it"], "it"),
    (["en q=1, it"], "it"), ([""], ""), ([", ,"], ""), (["\u{E8}"], ""),
    // Named twice, the first counts.
    (["it, en;q=0.5, IT;q=0.1, EN"], "it, en;q=0.5"),
  ]

  @Test(arguments: texts)
  func `has one form for all that mean the same`(lines: [String], text: String) throws {
    #expect(try canonical(lines) == text)
    #expect(try canonical([text]) == text)
  }

  /// RFC 4647 section 3.4.
  static let choices: [(String, [String], String?)] = [
    ("it", ["en", "it"], "it"), ("IT", ["en", "it"], "it"), ("fr", ["en", "it"], nil),
    ("", ["en", "it"], nil),
    // Shortened from the end, a single letter together with what stood behind it.
    ("de-CH-1996", ["de-CH", "de"], "de-CH"), ("de-CH-1996", ["en", "de"], "de"),
    ("zh-Hant-CN-x-private1-private2", ["zh-Hant"], "zh-Hant"),
    ("zh-Hant-CN-x-private1", ["zh-Hant-CN-x", "zh"], "zh"),
    ("x-a-b", ["x"], nil), ("i-klingon", ["i"], nil),
    // A range is never lengthened.
    ("en", ["en-US"], nil),
    // The most wanted first, down to its shortest; of equal ones the first that was sent.
    ("en;q=0.5, it", ["en", "it"], "it"), ("en-GB, it;q=0.9", ["it", "en"], "en"),
    ("it, en", ["en", "it"], "it"), ("en, it", ["en", "it"], "en"),
    // Refused by name.
    ("it;q=0", ["it"], nil), ("en-GB, en;q=0, it;q=0.1", ["en", "it"], "it"),
    // Anything: the default, whatever else is refused.
    ("*", ["en", "it"], "en"), ("*, en;q=0", ["en", "it"], "it"), ("*, it", ["en", "it"], "it"),
    ("*, it;q=0.1", ["en", "it"], "it"), ("fr, *;q=0.1", ["en", "it"], "en"),
    ("*;q=0", ["en"], nil), ("*, en;q=0, it;q=0", ["en", "it"], nil), ("*", [], nil),
  ]

  @Test(arguments: choices)
  func `chooses among the languages of a site`(
    value: String, languages: [String], choice: String?
  ) throws {
    let tags = languages.map(raw)
    let found = try field("Accept-Language", [value]) {
      AcceptLanguage(of: $0, in: $1).best(of: tags, in: $1)
    }

    #expect(found.map { languages[$0] } == choice)
  }

  @Test func `is bounded`() throws {
    let many = (0..<WireLimits.languagesMax).map { "a\(Character(UnicodeScalar(97 + $0)!))" }

    let whole = try field("Accept-Language", [many.joined(separator: ",")]) {
      AcceptLanguage(of: $0, in: $1)
    }
    let cut = try field("Accept-Language", [many.joined(separator: ","), "zz"]) {
      AcceptLanguage(of: $0, in: $1)
    }

    #expect(whole.count == WireLimits.languagesMax && !whole.isCut)
    #expect(cut.count == WireLimits.languagesMax && cut.isCut)
  }

  func canonical(_ lines: [String]) throws -> String {
    try field("Accept-Language", lines) { fields, bytes in
      var text: [UInt8] = []
      AcceptLanguage(of: fields, in: bytes).appendText(in: bytes, to: &text)
      return String(decoding: text, as: UTF8.self)
    }
  }
}

/// What `read` makes of the fields of a request with these lines of one field.
func field<Result>(
  _ name: String, _ lines: [String], _ read: (borrowing HeadFields, Span<UInt8>) -> Result
) throws -> Result {
  let all = lines.map { "\(name): \($0)\n" }.joined()
  let bytes = crlf("GET / HTTP/1.1\nHost: a\n\(all)\n")
  var parser = RequestHeadParser()
  var head = RequestHead()
  let used = try parser.parse(bytes.span, into: &head)
  #expect(used != nil)
  return read(head.fields, bytes.span)
}
