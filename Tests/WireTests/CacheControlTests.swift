import Testing
import Wire

@Suite struct `Cache-Control` {
  func parse(_ lines: String...) -> CacheControl {
    var control = CacheControl()
    for line in lines { control.add(raw(line).span) }
    return control
  }

  @Test func `reads every directive in any case`() {
    let control = parse(
      "Max-Age=10, s-maxage=\"20\",no-store,NO-CACHE, private, public,must-revalidate",
      "proxy-revalidate, stale-while-revalidate=30, stale-if-error=40, immutable",
      "must-understand,no-transform,only-if-cached,max-stale=50,min-fresh=60,unknown=1,ext")

    #expect(control.maxAge == 10)
    #expect(control.sharedMaxAge == 20)
    #expect(control.staleWhileRevalidate == 30)
    #expect(control.staleIfError == 40)
    #expect(control.maxStale == 50)
    #expect(control.minFresh == 60)
    #expect(
      control.flags == [
        .noStore, .noCache, .isPrivate, .isPublic, .mustRevalidate, .proxyRevalidate, .immutable,
        .mustUnderstand, .noTransform, .onlyIfCached,
      ])
  }

  @Test(arguments: [
    ("max-age=5", UInt32(5)), ("max-age=\"5\"", 5), ("max-age=0", 0), ("max-age=005", 5),
    ("max-age=5, max-age=5", 5), ("max-age=9, max-age=5", 5), ("max-age=5, max-age=9", 5),
    ("max-age=99999999999999999999999", 1 << 31), ("max-age=4294967296", 1 << 31),
    ("max-age=2147483649", 1 << 31), ("a=\"x, max-age=1\", max-age=5", 5),
    ("a=\"x\\\", max-age=1\", max-age=5", 5), ("max-age=5, ,", 5),
  ])
  func `gives a lifetime`(text: String, seconds: UInt32) {
    #expect(parse(text).maxAge == seconds)
    #expect(!parse(text).has(.malformed))
  }

  @Test(arguments: [
    "max-age", "max-age=", "max-age=x", "max-age=-1", "max-age=+1", "max-age=1.5", "max-age =5",
    "max-age= 5", "max-age=5 6", "max-age=\"5", "max-age=5\"", "max-age='5'", "max-age=5;x",
    "max-age=5, max-age=x", "max-age:5",
  ])
  func `that cannot be read means stale`(text: String) {
    #expect(parse(text).maxAge == 0)
    #expect(parse(text).has(.malformed))
  }

  @Test func `with field names is about those fields alone`() {
    let listed = parse("private=\"X-User, Cookie\", no-cache=\"Set-Cookie\"")

    #expect(listed.flags == [.privateFields, .noCacheFields])
    #expect(parse("no-cache=Set-Cookie").flags == [.noCacheFields])
    #expect(parse("private=\"x").flags == [.isPrivate, .malformed])
    #expect(parse("no-cache=").flags == [.noCache, .malformed])
  }

  @Test func `of a request accepts any staleness without an argument`() {
    #expect(parse("max-stale").maxStale == .max)
    #expect(parse("max-stale=x").maxStale == 0)
    #expect(parse("min-fresh=x").minFresh == nil)
  }

  @Test func `is not mistaken for what only resembles it`() {
    #expect(parse("no-store-x, xno-store, nostore, maxage=5, s-max-age=5") == CacheControl())
  }

  @Test func `is gathered from all lines of a head`() throws {
    let bytes = crlf(
      "HTTP/1.1 200 OK\nCache-Control: max-age=60\nX: y\ncache-control: no-store, max-age=30\n\n")
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    _ = try parser.parse(bytes.span, requestMethod: .get, into: &head)

    let control = CacheControl(of: head.fields, in: bytes.span)

    #expect(control.maxAge == 30)
    #expect(control.flags == [.noStore])
  }
}
