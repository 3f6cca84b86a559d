import Testing
import Wire

/// The lines of a field in the order in which they were sent, and what they mean together.
struct CacheControlRow: Sendable {
  var lines: [String]
  var meaning: String
  /// Where the rule comes from.
  var section: String

  init(_ lines: String..., means meaning: String, by section: String) {
    (self.lines, self.meaning, self.section) = (lines, meaning, section)
  }
}

@Suite struct `Cache-Control` {
  static let lifetimes = [
    CacheControlRow("max-age=5", means: "max-age=5", by: "9111 5.2.2.1"),
    CacheControlRow("Max-AGE=5", means: "max-age=5", by: "9111 5.2, any case"),
    CacheControlRow("max-age=0", means: "max-age=0", by: "9111 5.2.2.1"),
    CacheControlRow("max-age=005", means: "max-age=5", by: "9111 1.2.2, 1*DIGIT"),
    CacheControlRow("s-maxage=7, max-age=5", means: "max-age=5 s-maxage=7", by: "9111 5.2.2.10"),
    // Both forms of an argument.
    CacheControlRow("max-age=\"5\"", means: "max-age=5", by: "9111 5.2, both forms"),
    CacheControlRow("max-age=\"\\5\"", means: "max-age=5", by: "9110 5.6.4, quoted-pair"),
    // Too large.
    CacheControlRow("max-age=2147483647", means: "max-age=2147483647", by: "9111 1.2.2"),
    CacheControlRow("max-age=2147483649", means: "max-age=2147483648", by: "9111 1.2.2"),
    CacheControlRow("max-age=4294967296", means: "max-age=2147483648", by: "9111 1.2.2"),
    CacheControlRow("max-age=18446744073709551616", means: "max-age=2147483648", by: "9111 1.2.2"),
    CacheControlRow(
      "max-age=99999999999999999999999", means: "max-age=2147483648", by: "9111 1.2.2"),
    // Repeated: the first counts, on one line or several.
    CacheControlRow("max-age=5, max-age=9", means: "max-age=5", by: "9111 4.2.1"),
    CacheControlRow("max-age=9, max-age=5", means: "max-age=9", by: "9111 4.2.1"),
    CacheControlRow("max-age=9", "max-age=5", means: "max-age=9", by: "9111 4.2.1"),
    CacheControlRow("max-age=9, max-age=x", means: "max-age=9", by: "9111 4.2.1"),
    CacheControlRow("max-age=x, max-age=9", means: "max-age=0 malformed", by: "9111 4.2.1"),
    CacheControlRow("s-maxage=1", "s-maxage=2", means: "s-maxage=1", by: "9111 4.2.1"),
    CacheControlRow(
      "stale-while-revalidate=3, stale-if-error=4, stale-if-error=5",
      means: "stale-while-revalidate=3 stale-if-error=4", by: "5861 3, 4"),
    CacheControlRow("stale-if-error", means: "stale-if-error=0 malformed", by: "5861 4"),
    // Empty elements and white space around commas.
    CacheControlRow(" ,, max-age=5 ,\t, ", means: "max-age=5", by: "9110 5.6.1"),
    CacheControlRow("", means: "", by: "9110 5.6.1"),
  ]

  static let unreadable = [
    "max-age", "max-age=", "max-age=\"\"", "max-age=x", "max-age=-1", "max-age=+1", "max-age=1.5",
    "max-age=1e3", "max-age=0x5", "max-age=5s", "max-age =5", "max-age= 5", "max-age=\" 5\"",
    "max-age = 5", "max-age=5 6", "max-age=\"5", "max-age=5\"", "max-age='5'", "max-age=5;x",
    "max-age=\"5\"x", "max-age=\"5\" x", "max-age==5", "max-age:5=", "max-age 5", "max-age=\"\\\"",
    "max-age=\"-1\"", "max-age=\u{665}",
  ].map { CacheControlRow($0, means: "max-age=0 malformed", by: "9111 4.2.1") }

  static let flags = [
    CacheControlRow(
      "NO-STORE, no-cache, private, must-revalidate, proxy-revalidate, no-transform",
      means: "no-store no-cache private must-revalidate proxy-revalidate no-transform",
      by: "9111 5.2.2"),
    CacheControlRow(
      "public, immutable", "must-understand", means: "public immutable must-understand",
      by: "9111 5.2.2, 8246 2"),
    CacheControlRow(
      "max-age=60", "no-store", "max-age=30", means: "no-store max-age=60", by: "9111 5.2"),
    CacheControlRow("public, private", means: "private public", by: "9111 5.2.2, both count"),
    // What limits a cache counts with an argument that nobody defined; what allows it does not.
    CacheControlRow("no-store=x", means: "no-store malformed", by: "9111 5.2, choice"),
    CacheControlRow("no-store=\"\"", means: "no-store malformed", by: "9111 5.2, choice"),
    CacheControlRow("no-store x", means: "no-store malformed", by: "9111 5.2, choice"),
    CacheControlRow(
      "must-revalidate=0", means: "must-revalidate malformed", by: "9111 5.2, choice"),
    CacheControlRow("public=\"x\"", means: "malformed", by: "9111 5.2, choice"),
    CacheControlRow("public;immutable", means: "malformed", by: "9111 5.2, choice"),
    CacheControlRow("immutable=1", means: "malformed", by: "8246 2, choice"),
    CacheControlRow(
      "must-understand=x, no-store", means: "no-store malformed", by: "9111 5.2, choice"),
    // Unknown and nearly known ones.
    CacheControlRow("foo, bar=1, baz=\"x\", 5", means: "", by: "9111 5.2.3"),
    CacheControlRow(
      "no-store-x, xno-store, nostore, maxage=5, s-max-age=5, max_age=5", means: "",
      by: "9111 5.2.3"),
    // Strings are skipped whole, whatever is in them.
    CacheControlRow("a=\"x, max-age=1\", max-age=5", means: "max-age=5", by: "9110 5.6.4"),
    CacheControlRow("a=\"x\\\", no-store\", max-age=5", means: "max-age=5", by: "9110 5.6.4"),
    CacheControlRow("a = \"x, no-store\", max-age=5", means: "max-age=5", by: "9110 5.6.4"),
    CacheControlRow("a=\"\\\\\", no-store", means: "no-store", by: "9110 5.6.4"),
    // A quote that is not closed, or opens where no string may begin, hides nothing.
    CacheControlRow("max-age=5, a=\"x, no-store", means: "no-store max-age=5", by: "choice"),
    CacheControlRow(
      "a=x\", no-store, b=\"y\"", means: "no-store", by: "choice"),
    CacheControlRow("\"a, no-store, b\"", means: "no-store", by: "choice"),
    CacheControlRow("=\"x\", no-store", means: "no-store", by: "choice"),
  ]

  static let lists = [
    CacheControlRow(
      "private=\"X-User, Cookie\"", means: "private(X-User Cookie)", by: "9111 5.2.2.7"),
    CacheControlRow("no-cache=\"set-cookie\"", means: "no-cache(set-cookie)", by: "9111 5.2.2.4"),
    CacheControlRow(
      "no-cache=Set-Cookie", means: "no-cache(Set-Cookie)", by: "9111 5.2.2.4, token"),
    CacheControlRow("private=\",a,, b,\"", means: "private(a b)", by: "9110 5.6.1"),
    CacheControlRow(
      "private=a", "private=\"b, c\", no-cache=d", means: "private(a b c d) no-cache(a b c d)",
      by: "9111 5.2.2, all count"),
    CacheControlRow("private=\"a\", private", means: "private(a) private", by: "both count"),
    CacheControlRow("private=\"\"", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=\" , \"", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=\"a b\"", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=\"a, b:\"", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=\"a\\, b\"", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=\"x", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private=a b", means: "private malformed", by: "choice: bare"),
    CacheControlRow("private = \"a\"", means: "private malformed", by: "choice: bare"),
    CacheControlRow("no-cache=;a", means: "no-cache malformed", by: "choice: bare"),
  ]

  static let requests = [
    CacheControlRow("max-stale", means: "max-stale=any", by: "9111 5.2.1.2"),
    CacheControlRow("max-stale=50, max-stale", means: "max-stale=50", by: "9111 4.2.1"),
    CacheControlRow("max-stale, max-stale=50", means: "max-stale=any", by: "9111 4.2.1"),
    CacheControlRow("max-stale=x", means: "max-stale=0 malformed", by: "9111 4.2.1"),
    CacheControlRow("max-stale=", means: "max-stale=0 malformed", by: "9111 4.2.1"),
    CacheControlRow("min-fresh=60", means: "min-fresh=60", by: "9111 5.2.1.3"),
    CacheControlRow("min-fresh=x", means: "min-fresh=0 malformed", by: "9111 5.2.1.3"),
    CacheControlRow(
      "only-if-cached, max-age=0", means: "only-if-cached max-age=0", by: "9111 5.2.1.7"),
  ]

  @Test(arguments: lifetimes + unreadable + flags + lists + requests)
  func `means by its directives`(row: CacheControlRow) {
    var control = CacheControl()
    for line in row.lines { control.add(raw(line).span) }

    #expect(describe(control, names: listed(row.lines)) == row.meaning, "RFC \(row.section)")
  }

  @Test func `is gathered from all lines of a head`() throws {
    let bytes = crlf(
      "HTTP/1.1 200 OK\nCache-Control: max-age=60\nX: y\ncache-control: no-store, max-age=30\n\n")
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    _ = try parser.parse(bytes.span, requestMethod: .get, into: &head)

    let control = CacheControl(of: head.fields, in: bytes.span)

    #expect(control.maxAge == 60)
    #expect(control.flags == [.noStore])
  }

  @Test func `of a targeted field may hold a list as a string`() {
    let bytes = raw("private=\"a, b\", x=\"c d\"")
    var names = ListedFields(list: ByteRange(from: 9, to: 13), in: bytes.span)
    var malformed = ListedFields(list: ByteRange(from: 19, to: 22), in: bytes.span)

    #expect(names.next(in: bytes.span).map(bytes.text) == "a")
    #expect(names.next(in: bytes.span).map(bytes.text) == "b")
    #expect(names.next(in: bytes.span) == nil)
    #expect(malformed.next(in: bytes.span) == nil)
  }

  func listed(_ lines: [String]) -> String {
    var found: [String] = []
    for line in lines {
      let bytes = raw(line)
      var names = ListedFields(bytes.span.wholeRange)
      while let name = names.next(in: bytes.span) { found.append(bytes.text(name)) }
    }
    return found.joined(separator: " ")
  }

  func describe(_ control: CacheControl, names: String) -> String {
    let flags: [(CacheControl.Flags, String)] = [
      (.noStore, "no-store"), (.noCache, "no-cache"), (.privateFields, "private(\(names))"),
      (.isPrivate, "private"), (.noCacheFields, "no-cache(\(names))"), (.isPublic, "public"),
      (.mustRevalidate, "must-revalidate"), (.proxyRevalidate, "proxy-revalidate"),
      (.immutable, "immutable"), (.mustUnderstand, "must-understand"),
      (.noTransform, "no-transform"), (.onlyIfCached, "only-if-cached"),
    ]
    let seconds: [(UInt32?, String)] = [
      (control.maxAge, "max-age"), (control.sharedMaxAge, "s-maxage"),
      (control.staleWhileRevalidate, "stale-while-revalidate"),
      (control.staleIfError, "stale-if-error"), (control.maxStale, "max-stale"),
      (control.minFresh, "min-fresh"),
    ]
    var parts = flags.compactMap { control.has($0.0) ? $0.1 : nil }
    parts += seconds.compactMap { value, name in
      value.map { "\(name)=\($0 == .max ? "any" : "\($0)")" }
    }
    if control.has(.malformed) { parts.append("malformed") }
    return parts.joined(separator: " ")
  }
}
