import Policy
import Testing

@Suite struct `A path pattern` {
  private func matches(_ pattern: String, _ path: String) throws -> Bool {
    var table: [UInt8] = [1, 2, 3]
    let compiled = try PathPattern(pattern, table: &table)
    return compiled.matches(Array(path.utf8).span, table: table)
  }

  @Test(arguments: [
    ("/a", "/a", true), ("/a", "/ab", false), ("/a", "/", false), ("/ab", "/a", false),
    ("/vod/**", "/vod/", true), ("/vod/**", "/vod/a/b.ts", true), ("/vod/**", "/vod", false),
    ("/vod/*", "/vod/a", true), ("/vod/*", "/vod/a/b", false), ("/vod/*", "/vod/", true),
    ("/**", "/", true), ("/**", "/x/y", true),
    ("/**/*.m3u8", "/a/b/c.m3u8", true), ("/**/*.m3u8", "/c.m3u8", true),
    ("/**/*.m3u8", "/a/c.m3u8x", false), ("/**.m3u8", "/a/b/c.m3u8", true),
    ("/live/**/main.m3u8", "/live/main.m3u8", true),
    ("/live/**/main.m3u8", "/live/a/b/main.m3u8", true),
    ("/live/**/main.m3u8", "/live/xmain.m3u8", false),
    ("/live/**/main.m3u8", "/livemain.m3u8", false),
    ("/*/seg-*-v*.m4s", "/ch1/seg-12-v3.m4s", true),
    ("/*/seg-*-v*.m4s", "/ch1/x/seg-12-v3.m4s", false),
    ("/a*b*c", "/axbxbxc", true), ("/a*b*c", "/axbx/c", false), ("/a**b", "/a/x/b/b", true),
    ("/a***b", "/a/x/b", true), ("/**/**/x", "/x", true), ("/**/**/x", "/a/x", true),
    ("/a/**/**", "/a/", true),
  ])
  func `matches within segments with one star and across with two`(
    pattern: String, path: String, expected: Bool
  ) throws {
    #expect(try matches(pattern, path) == expected)
  }

  @Test func `stays cheap on hostile patterns and paths`() throws {
    let pattern =
      "/" + String(repeating: "a*", count: 28) + "**/" + String(repeating: "*a", count: 29)
    let path = "/" + String(repeating: "a", count: 8000) + "b"

    #expect(try matches(pattern, path) == false)
    #expect(try matches("/" + String(repeating: "a", count: 119), path) == false)
    #expect(try matches("/" + String(repeating: "**a", count: 39), path) == false)
  }

  @Test(arguments: [
    ("vod/**", PatternError.mustBeginWithSlash), ("", .mustBeginWithSlash),
    ("/a b", .impossibleByte), ("/a?b", .impossibleByte), ("/é", .impossibleByte),
    ("/" + String(repeating: "x", count: 120), .tooLong),
  ])
  func `refuses what can match no path`(pattern: String, error: PatternError) {
    #expect(throws: error) { try matches(pattern, "/") }
  }
}
