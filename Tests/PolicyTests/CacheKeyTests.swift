import Bytes
import Policy
import Testing

@Suite struct `A cache key` {
  private func key(
    _ target: String, query: QueryKey = .all, host: String = "Live.Test:80",
    sent: HostSent = .origin
  ) throws -> (text: String, target: String, hash: Hash128) {
    let snapshot = try oneSite(rules: [RuleSettings(match: "/**", query: query)], host: sent)
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = Array(parts[0].utf8)
    let arguments = parts.count > 1 ? Array(parts[1].utf8) : []
    var scratch: [UInt8] = [9, 9]
    let key = try CacheKey.make(
      snapshot: snapshot, site: 0, rule: snapshot.rule(site: 0, path: path.span),
      host: Array(host.utf8).span, path: path.span, query: arguments.span,
      hasQuery: parts.count > 1, into: &scratch)
    let text = String(decoding: scratch, as: UTF8.self)
    return (text, String(decoding: scratch[key.targetStart...], as: UTF8.self), key.hash)
  }

  @Test(arguments: [
    ("/a", QueryKey.all, "/a"), ("/a?", .all, "/a?"), ("/a?x=1&y=2&x=3", .all, "/a?x=1&y=2&x=3"),
    ("/a?y=2&x=1", .all, "/a?y=2&x=1"), ("/a?x=%41", .all, "/a?x=%41"),
    ("/a?CMCD=br%3D1", .all, "/a"), ("/a?x=1&CMCD=br&y", .all, "/a?x=1&y"),
    ("/a?%43MCD=br&y=1", .all, "/a?y=1"), ("/a?xCMCD=1", .all, "/a?xCMCD=1"),
    ("/a?x=1", .none, "/a"), ("/a?", .none, "/a"),
    ("/a?x=1&_HLS_msn=7&_HLS_part=2", .none, "/a?_HLS_msn=7&_HLS_part=2"),
    ("/a?t=1&b=2&a=3&b=4", .only(["a", "b"]), "/a?a=3&b=2&b=4"),
    ("/a?b=2&a=3", .only(["a", "b"]), "/a?a=3&b=2"), ("/a?c=1", .only(["a"]), "/a"),
    ("/a?_HLS_msn=1&a=2", .only(["a"]), "/a?a=2&_HLS_msn=1"),
    ("/a?_HLS_msn=1", .only(["_HLS_msn"]), "/a?_HLS_msn=1"),
  ])
  func `keeps what the rule says of the query`(
    target: String, query: QueryKey, expected: String
  ) throws {
    let key = try key(target, query: query)

    #expect(key.text == "live|" + expected)
    #expect(key.target == expected)
  }

  @Test func `holds the viewer's host only where the origin is asked for it`() throws {
    #expect(try key("/a").text == "live|/a")
    #expect(try key("/a", sent: .viewer).text == "live|live.test:80/a")
    #expect(try key("/a", sent: .viewer).target == "/a")
    #expect(try key("/a", sent: .name("x.test")).text == "live|/a")
  }

  @Test func `stands for slash where an absolute target has no path`() throws {
    #expect(try key("").text == "live|/")
    #expect(try key("").hash == key("/").hash)
    #expect(try key("/b").hash != key("/").hash)
  }

  @Test func `is refused beyond its limits`() throws {
    let arguments = (0..<300).map { "a\($0)=1" }.joined(separator: "&")

    #expect(throws: CacheKeyError.tooManyArguments) { try key("/a?" + arguments) }
    #expect(throws: CacheKeyError.tooManyArguments) { try key("/a?" + arguments, query: .none) }
    #expect(throws: CacheKeyError.tooLong) { try key("/" + String(repeating: "a", count: 9300)) }
  }
}
