import Testing
import Wire

@Suite struct `A targeted field` {
  @Test(arguments: [
    ("max-age=60", 60), ("max-age=0", 0), ("foo, max-age=60", 60), ("max-age=60;x=1", 60),
    ("max-age=-1", 0), ("max-age=99999999999", 2_147_483_648), ("max-age=1, max-age=2", 2),
    ("no-store=?0, max-age=60", 60), ("a=(1 2);b, max-age=60", 60),
  ])
  func `gives the seconds of an integer member`(line: String, seconds: Int) throws {
    let control = try #require(try read([line]))

    #expect(control.maxAge == UInt32(seconds))
    #expect(control.flags.isEmpty)
  }

  @Test(arguments: [
    "max-age=\"60\"", "max-age=6.0", "max-age", "max-age=a", "max-age=(60)", "max-age=@60",
    "max-age=1, max-age=x", "MAX=1".lowercased(),
  ])
  func `ignores a member of another type`(line: String) throws {
    let control = try #require(try read([line]))

    #expect(control.maxAge == nil)
  }

  @Test(arguments: [
    "", "  ", "max-age=60, &&&&&", "max-age =60", "max-age= 60", "Max-Age=60", "max-age=60,",
    "max-age=60 private", "max-age=\"60",
  ])
  func `is no field at all where it is empty or malformed`(line: String) throws {
    #expect(try read([line]) == nil)
  }

  @Test func `is one field over several lines`() throws {
    let control = try #require(try read(["max-age=60", "no-cache, must-revalidate"]))

    #expect(control.maxAge == 60)
    #expect(control.flags == [.noCache, .mustRevalidate])
    #expect(try read(["max-age=60", ""]) == nil)
    #expect(try read(["max-age=60", "&"]) == nil)
  }

  @Test func `lists fields in a string`() throws {
    #expect(try read(["private=\"a, b\""])?.flags == .privateFields)
    #expect(try read(["no-cache=\"a\""])?.flags == .noCacheFields)
    #expect(try read(["private=\"\""])?.flags == .isPrivate)
    #expect(try read(["private"])?.flags == .isPrivate)
    #expect(try read(["private=a"])?.flags == [])
  }

  @Test func `is absent where there is none`() throws {
    #expect(try read([]) == nil)
  }

  private func read(_ lines: [String]) throws -> CacheControl? {
    let fields = lines.map { "CDN-Cache-Control: \($0)\r\n" }.joined()
    let bytes = Array("HTTP/1.1 200 X\r\n\(fields)\r\n".utf8)
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    _ = try #require(try parser.parse(bytes.span, requestMethod: .get, into: &head))
    return CacheControl(targeted: head.fields, .cdnCacheControl, in: bytes.span)
  }
}
