import Testing
import Wire

@Suite struct `A validator` {
  /// Two tags, and whether they match weakly and strongly (RFC 9110 section 8.8.3.2).
  static let pairs: [(String, String, Bool, Bool)] = [
    ("W/\"1\"", "W/\"1\"", true, false), ("W/\"1\"", "W/\"2\"", false, false),
    ("W/\"1\"", "\"1\"", true, false), ("\"1\"", "\"1\"", true, true),
    ("\"a\"", "\"A\"", false, false), ("\"\"", "\"\"", true, true), ("\"\"", "\"a\"", false, false),
    // Any visible character but the quote, and bytes above ASCII; a backslash is one like others.
    ("\"!#~\"", "\"!#~\"", true, true), ("\"\u{E9}\"", "\"\u{E9}\"", true, true),
    ("\"a\\\"", "\"a\\\"", true, true), ("\"a,b\"", "\"a,b\"", true, true),
    // No tags at all, so never equal (section 8.8.3).
    ("a", "a", false, false), ("w/\"a\"", "\"a\"", false, false), ("\"a", "\"a", false, false),
    ("\"a b\"", "\"a b\"", false, false), ("W/", "W/", false, false), ("", "", false, false),
    ("\"", "\"", false, false), ("W/ \"a\"", "W/ \"a\"", false, false),
    ("\"a\"b\"", "\"a\"b\"", false, false), ("\"a\tb\"", "\"a\tb\"", false, false),
    ("\"a\u{7F}\"", "\"a\u{7F}\"", false, false), ("'a'", "'a'", false, false),
    ("*", "*", false, false), (" \"a\"", "\"a\"", false, false),
  ]

  @Test(arguments: pairs)
  func `matches weakly and strongly`(left: String, right: String, weak: Bool, strong: Bool) {
    #expect(EntityTag.weakMatch(raw(left).span, raw(right).span) == weak)
    #expect(EntityTag.strongMatch(raw(left).span, raw(right).span) == strong)
  }

  /// Value, stored tag, and whether If-None-Match and If-Match find it (RFC 9110 section 13.1).
  static let lists: [(String, String, Bool, Bool)] = [
    ("*", "\"a\"", true, true), ("*", "W/\"a\"", true, true), ("*", "", true, true),
    ("\"a\"", "\"a\"", true, true), ("W/\"a\"", "\"a\"", true, false),
    ("\"a\"", "W/\"a\"", true, false), ("\"x\"", "\"a\"", false, false),
    ("\"x\", \"a\"", "\"a\"", true, true), ("W/\"x\",W/\"a\"", "W/\"a\"", true, false),
    ("W/\"a\", \"a\"", "\"a\"", true, true), ("\"x,\\\" , \"a\"", "\"a\"", true, true),
    ("\"a,b\"", "\"a,b\"", true, true), ("\"a,b\"", "\"b\"", false, false),
    ("\"\"", "\"\"", true, true), ("\"\"", "", false, false), ("\"a\"", "", false, false),
    // Empty elements (section 5.6.1).
    (",, \"a\" ,\t,", "\"a\"", true, true), ("", "\"a\"", false, false), (",", "", false, false),
    // Behind what is no tag nothing matches; what stood before it does.
    ("a", "\"a\"", false, false), ("\"a", "\"a\"", false, false), ("W/", "\"a\"", false, false),
    ("x, \"a\"", "\"a\"", false, false), ("\"x\" \"a\"", "\"a\"", false, false),
    ("\"x\"\"a\"", "\"a\"", false, false), ("\"x\"; \"a\"", "\"a\"", false, false),
    ("\"a\" x", "\"a\"", true, true), ("\"a\", x", "\"a\"", true, true),
    ("w/\"a\"", "\"a\"", false, false), ("*, \"a\"", "\"a\"", false, false),
    ("\"x\", *", "\"a\"", false, false), ("\"a b\", \"a\"", "\"a\"", true, true),
  ]

  @Test(arguments: lists)
  func `is found in a list`(value: String, tag: String, ifNoneMatch: Bool, ifMatch: Bool) {
    #expect(EntityTag.ifNoneMatch(raw(value).span, matches: raw(tag).span) == ifNoneMatch)
    #expect(EntityTag.ifMatch(raw(value).span, matches: raw(tag).span) == ifMatch)
  }
}

@Suite struct `A list field` {
  func elements(_ text: String) -> [String] {
    let bytes = raw(text)
    var list = TokenList(bytes.span.wholeRange)
    var found: [String] = []
    while let element = list.next(in: bytes.span) { found.append(bytes.text(element)) }
    return found
  }

  @Test func `is walked element by element`() {
    #expect(elements("a, b ,\tc") == ["a", "b", "c"])
    #expect(elements(" , ,") == [])
    #expect(elements("") == [])
    #expect(elements("a;x=\"1,2\", b") == ["a;x=\"1,2\"", "b"])
    #expect(elements("\"a\\\",b\",c") == ["\"a\\\",b\"", "c"])
    #expect(elements("\"open, b\\") == ["\"open", "b\\"])
    #expect(elements("a=\"x, \"y, z\"") == ["a=\"x, \"y", "z\""])
    #expect(elements("a=\"x\\\\\", b") == ["a=\"x\\\\\"", "b"])
  }

  @Test func `of CDNs counts our own`() {
    let own = raw("edge.example")
    let value = raw(
      "a.example, Edge.Example; v=1, edge.example ;x, xedge.example, \"edge.example\"")

    #expect(CDNLoop.count(of: own.span, in: value.span) == 2)
  }
}

@Suite struct `A query` {
  @Test func `is walked argument by argument`() {
    let bytes = raw("a=b&&c&=d&e=f=g&")
    var arguments = Arguments(bytes.span.wholeRange)
    var found: [String] = []

    while let argument = arguments.next(in: bytes.span) {
      found.append("\(bytes.text(argument.name)):\(bytes.text(argument.value))")
    }

    #expect(found == ["a:b", "c:", ":d", "e:f=g"])
  }

  @Test(arguments: [
    ("CMCD", true), ("%43MCD", true), ("%43%4d%43%44", true), ("cmcd", false), ("CMC", false),
    ("CMCDx", false), ("CMC%4", false), ("CMC%zz", false), ("", false),
  ])
  func `has names that may be percent-encoded`(name: String, isSame: Bool) {
    #expect(raw(name).span.percentDecodedEquals("CMCD") == isSame)
    #expect(raw(name).span.percentDecodedEquals(raw("CMCD").span) == isSame)
  }
}
