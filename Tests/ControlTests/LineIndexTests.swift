import Testing

@testable import Control

@Suite struct `A line index` {
  /// The path that is written `origin[1].server[0].url`.
  static func path(_ text: String) -> ConfigurationPath {
    var steps: [ConfigurationPath.Step] = []
    for part in text.split(separator: ".") {
      let pieces = part.split(whereSeparator: { $0 == "[" || $0 == "]" })
      steps.append(.key(String(pieces[0])))
      for index in pieces.dropFirst() { steps.append(.index(Int(index) ?? -1)) }
    }
    return ConfigurationPath(steps)
  }

  static let text = #"""
    # a comment with [brackets] and = signs
    top = 1
    dotted.inner = "x # no comment"

    [node]   # comment
    name = 'a "quoted" name'
    "quoted key" = """
    several
    lines with "quotes" and """"  # one quote belongs to the text
    workers = 3

    [[origin]]
    server = [
      # a comment, with { and [
      { url = "http://a", weight = 1 }, { url = "http://b" },
      {
        url = "http://c" },
    ]
    [origin.timeouts]
    stall = "1s"
    [[origin]]
    server = [{ url = "http://d" }]
    [origin.timeouts]
    connect = '''
    1s'''
    [[site]]
    hosts = ["one",
      "two", # the second
      "three"]
    [[site.rule]]
    match = "/a"
    [[site.rule]]
    match = "/b"
    [[site]]
    [[site.rule]]
    match = "/c"
    """#

  @Test(arguments: [
    ("top", 2), ("dotted", 3), ("dotted.inner", 3), ("node", 5), ("node.name", 6),
    ("node.quoted key", 7), ("node.workers", 10), ("origin", 12), ("origin[0]", 12),
    ("origin[0].server", 13), ("origin[0].server[0]", 15), ("origin[0].server[0].weight", 15),
    ("origin[0].server[1].url", 15), ("origin[0].server[2]", 16), ("origin[0].server[2].url", 17),
    ("origin[0].timeouts", 19), ("origin[0].timeouts.stall", 20), ("origin[1]", 21),
    ("origin[1].server[0].url", 22), ("origin[1].timeouts", 23),
    ("origin[1].timeouts.connect", 24), ("site[0]", 26), ("site[0].hosts[0]", 27),
    ("site[0].hosts[1]", 28), ("site[0].hosts[2]", 29), ("site[0].rule[0].match", 31),
    ("site[0].rule[1].match", 33), ("site[1]", 34), ("site[1].rule[0].match", 36),
  ])
  func `finds the line of every kind of place`(path: String, line: Int) {
    let index = LineIndex(Self.text)

    #expect(index.line(of: Self.path(path)) == line)
  }

  @Test func `gives what is missing the line of what is around it`() {
    let index = LineIndex(Self.text)

    #expect(index.line(of: Self.path("site[1].hosts")) == 34)
    #expect(index.line(of: Self.path("nowhere.at.all")) == 1)
  }

  @Test(arguments: [
    "[", "[[", "[[a", "a", "a =", "a = [", "a = {", "a = \"", "a = \"\"\"", "= = =", "]]]]", "}{",
    "a = \"x\\", "a.b. = 1", "\u{0}", "\r\r\n", "a = [,,", "a = [}", "a = {]", "'", "a = { b",
  ])
  func `ends on text that is no TOML`(text: String) {
    let index = LineIndex(text)

    #expect(index.line(of: Self.path("z")) == 1)
  }

  @Test func `counts lines that end with carriage return and line feed`() {
    let index = LineIndex("a = 1\r\n\r\n[t]\r\nb = 2\r\n")

    #expect(index.line(of: Self.path("t.b")) == 4)
  }
}
