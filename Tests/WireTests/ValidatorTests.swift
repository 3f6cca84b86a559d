import Testing
import Wire

@Suite struct `A validator` {
  @Test(arguments: [
    ("\"a\"", "\"a\"", true, true), ("W/\"a\"", "\"a\"", true, false),
    ("W/\"a\"", "W/\"a\"", true, false), ("\"a\"", "\"b\"", false, false),
    ("\"\"", "\"\"", true, true), ("a", "a", false, false), ("w/\"a\"", "\"a\"", false, false),
    ("\"a", "\"a", false, false), ("\"a b\"", "\"a b\"", false, false),
  ])
  func `matches weakly and strongly`(left: String, right: String, weak: Bool, strong: Bool) {
    #expect(EntityTag.weakMatch(raw(left).span, raw(right).span) == weak)
    #expect(EntityTag.strongMatch(raw(left).span, raw(right).span) == strong)
  }

  @Test(arguments: [
    ("*", "\"a\"", true), ("*", "", true), ("\"a\"", "\"a\"", true), ("W/\"a\"", "\"a\"", true),
    ("\"x\", \"a\"", "W/\"a\"", true), ("\"x,\\\" , \"a\"", "\"a\"", true),
    ("\"x\"", "\"a\"", false),
    ("", "\"a\"", false), ("a", "\"a\"", false), ("\"a", "\"a\"", false), ("\"a\"", "", false),
    (",, \"a\" ,", "\"a\"", true), ("W/", "\"a\"", false), ("\"a,b\"", "\"a,b\"", true),
  ])
  func `is found in If-None-Match`(list: String, tag: String, found: Bool) {
    #expect(EntityTag.ifNoneMatch(raw(list).span, matches: raw(tag).span) == found)
  }

  @Test func `is compared strongly by If-Match`() {
    #expect(EntityTag.ifMatch(raw("\"a\"").span, matches: raw("\"a\"").span) == true)
    #expect(EntityTag.ifMatch(raw("W/\"a\"").span, matches: raw("\"a\"").span) == false)
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
    #expect(elements("\"open, b\\") == ["\"open, b\\"])
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
