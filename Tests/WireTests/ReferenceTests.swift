import Testing
import Wire

/// A reference, the URI of the request whose answer carries it, and the target that it names.
struct ReferenceRow: Sendable {
  var reference: String
  var base: String
  var target: String?

  init(_ reference: String, from base: String = "http://a/b/c/d;p?q", _ target: String?) {
    (self.reference, self.base, self.target) = (reference, base, target)
  }
}

@Suite struct `A reference` {
  /// RFC 3986 section 5.4.1.
  static let normal = [
    ReferenceRow("g:h", nil), ReferenceRow("g", "/b/c/g"), ReferenceRow("./g", "/b/c/g"),
    ReferenceRow("g/", "/b/c/g/"), ReferenceRow("/g", "/g"), ReferenceRow("//g", nil),
    ReferenceRow("?y", "/b/c/d;p?y"), ReferenceRow("g?y", "/b/c/g?y"),
    ReferenceRow("#s", "/b/c/d;p?q"), ReferenceRow("g#s", "/b/c/g"),
    ReferenceRow("g?y#s", "/b/c/g?y"), ReferenceRow(";x", "/b/c/;x"),
    ReferenceRow("g;x", "/b/c/g;x"), ReferenceRow("g;x?y#s", "/b/c/g;x?y"),
    ReferenceRow("", "/b/c/d;p?q"), ReferenceRow(".", "/b/c/"), ReferenceRow("./", "/b/c/"),
    ReferenceRow("..", "/b/"), ReferenceRow("../", "/b/"), ReferenceRow("../g", "/b/g"),
    ReferenceRow("../..", "/"), ReferenceRow("../../", "/"), ReferenceRow("../../g", "/g"),
  ]

  /// RFC 3986 section 5.4.2; a scheme without an authority is refused, as strict parsers do.
  static let abnormal = [
    ReferenceRow("../../../g", "/g"), ReferenceRow("../../../../g", "/g"),
    ReferenceRow("/./g", "/g"), ReferenceRow("/../g", "/g"), ReferenceRow("g.", "/b/c/g."),
    ReferenceRow(".g", "/b/c/.g"), ReferenceRow("g..", "/b/c/g.."), ReferenceRow("..g", "/b/c/..g"),
    ReferenceRow("./../g", "/b/g"), ReferenceRow("./g/.", "/b/c/g/"),
    ReferenceRow("g/./h", "/b/c/g/h"), ReferenceRow("g/../h", "/b/c/h"),
    ReferenceRow("g;x=1/./y", "/b/c/g;x=1/y"), ReferenceRow("g;x=1/../y", "/b/c/y"),
    ReferenceRow("g?y/./x", "/b/c/g?y/./x"), ReferenceRow("g?y/../x", "/b/c/g?y/../x"),
    ReferenceRow("g#s/./x", "/b/c/g"), ReferenceRow("g#s/../x", "/b/c/g"),
    ReferenceRow("http:g", nil),
  ]

  /// Same origin: scheme, host and port (RFC 9110 section 4.3.1).
  static let origins = [
    ReferenceRow("http://a/x", "/x"), ReferenceRow("HTTP://A/x?y", "/x?y"),
    ReferenceRow("http://a", "/"), ReferenceRow("http://a?y", "/?y"),
    ReferenceRow("//a/x", "/x"), ReferenceRow("http://a:80/x", "/x"),
    ReferenceRow("http://a:/x", "/x"), ReferenceRow("http://a:080/x", "/x"),
    ReferenceRow("http://a:81/x", nil), ReferenceRow("https://a/x", nil),
    ReferenceRow("http://b/x", nil), ReferenceRow("http://a.b/x", nil),
    ReferenceRow("http://a:80@b/x", nil), ReferenceRow("http://u@a/x", nil),
    ReferenceRow("http://a:x/x", nil), ReferenceRow("http:///x", nil), ReferenceRow("///x", nil),
    ReferenceRow("https://a/x", from: "https://a/", "/x"),
    ReferenceRow("https://a:443/x", from: "https://a/", "/x"),
    ReferenceRow("https://a:80/x", from: "https://a/", nil),
    ReferenceRow("http://a/x", from: "https://a/", nil),
    ReferenceRow("http://a:8080/x", from: "http://a:8080/", "/x"),
    ReferenceRow("http://a/x", from: "http://a:8080/", nil),
    ReferenceRow("http://[::1]:8080/x", from: "http://[::1]:8080/", "/x"),
    ReferenceRow("http://[::1/x", from: "http://[::1]/", nil),
  ]

  static let odd = [
    ReferenceRow("x", from: "http://a", "/x"), ReferenceRow("", from: "http://a", "/"),
    ReferenceRow("?y", from: "http://a?q", "/?y"), ReferenceRow("", from: "http://a/b?", "/b?"),
    ReferenceRow("a:b", nil), ReferenceRow("./a:b", "/b/c/a:b"), ReferenceRow("1:2", nil),
    ReferenceRow("/a:b", "/a:b"), ReferenceRow("?a:b", "/b/c/d;p?a:b"),
    ReferenceRow("/a//../b", "/a/b"), ReferenceRow("/%2e%2e/x", "/%2e%2e/x"),
    ReferenceRow("/a b", nil), ReferenceRow("/a\tb", nil), ReferenceRow("/\u{E8}", nil),
    ReferenceRow("/a#b c", "/a"), ReferenceRow(":", nil), ReferenceRow("http://", nil),
    ReferenceRow("http:", nil),
  ]

  @Test(arguments: normal + abnormal + origins + odd)
  func `names a target of the same origin or none`(row: ReferenceRow) throws {
    #expect(try resolve(row.reference, from: row.base) == row.target)
  }

  @Test func `is bounded, alone and resolved`() throws {
    let name = String(repeating: "x", count: WireLimits.requestLineMax - 1)

    #expect(try resolve("/" + name, from: "http://a/") == "/" + name)
    #expect(try resolve("/x" + name, from: "http://a/") == nil)
    #expect(try resolve(name, from: "http://a/") == "/" + name)
    #expect(try resolve(name, from: "http://a/b/c") == nil)
  }

  /// What is appended behind what was there before.
  func resolve(_ reference: String, from base: String) throws -> String? {
    let bytes = crlf("GET \(base) HTTP/1.1\nHost: a\n\n")
    var parser = RequestHeadParser()
    var head = RequestHead()
    let used = try parser.parse(bytes.span, into: &head)
    #expect(used != nil)
    var output = raw("before")
    let isOwn = Reference.resolve(
      raw(reference).span, against: head.target, in: bytes.span, isSecure: head.target.isSecure,
      into: &output)
    let text = String(decoding: output, as: UTF8.self)
    #expect(text.hasPrefix("before"))
    #expect(isOwn || text == "before")
    return isOwn ? String(text.dropFirst(6)) : nil
  }
}
