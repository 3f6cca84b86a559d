import Bytes
import Policy
import Testing

@Suite struct `A snapshot` {
  private let origin = OriginSettings(name: "o", servers: [ServerSettings(host: "127.0.0.1")])

  private func snapshot(_ sites: [SiteSettings]) throws -> Snapshot {
    try Snapshot(NodeSettings(name: "edge1", origins: [origin], sites: sites))
  }

  @Test(arguments: [
    ("live.example.com", 0), ("LIVE.Example.COM:8080", 0), ("live.example.com.", 0),
    ("a.live.example.com", 1), ("a.b.live.example.com", 1), ("x.example.com", 2),
    ("example.com", 3), ("", 3), ("[::1]:80", 4), ("[::1]", 4), (".", 3),
  ])
  func `finds exact hosts before the longest suffix before any`(host: String, site: Int) throws {
    let snapshot = try snapshot([
      SiteSettings(name: "s0", hosts: ["Live.example.com"], origin: 0),
      SiteSettings(name: "s1", hosts: ["*.live.example.com"], origin: 0),
      SiteSettings(name: "s2", hosts: ["*.example.com"], origin: 0),
      SiteSettings(name: "s3", hosts: ["*"], origin: 0),
      SiteSettings(name: "s4", hosts: ["[::1]"], origin: 0),
    ])

    let found = snapshot.site(forHost: Array(host.utf8).span)

    #expect(found == site)
  }

  @Test func `knows no site for an unknown host`() throws {
    let snapshot = try snapshot([SiteSettings(name: "s", hosts: ["*.a.test"], origin: 0)])

    #expect(snapshot.site(forHost: Array("a.test".utf8).span) == nil)
    #expect(snapshot.site(forHost: Array("b.test".utf8).span) == nil)
  }

  @Test func `lets the first matching rule win`() throws {
    let snapshot = try snapshot([
      SiteSettings(
        name: "s", hosts: ["*"], origin: 0,
        rules: [
          RuleSettings(match: "/a/*.mpd", ttl: Milliseconds(1)),
          RuleSettings(match: "/a/**", bypass: true),
        ])
    ])

    #expect(snapshot.rule(site: 0, path: Array("/a/x.mpd".utf8).span).ttl == Milliseconds(1))
    #expect(snapshot.rule(site: 0, path: Array("/a/x.m4s".utf8).span).bypass)
    #expect(snapshot.rule(site: 0, path: Array("/b".utf8).span) == Rule.none)
  }

  @Test func `refuses settings that contradict themselves`() {
    #expect(throws: SnapshotError.siteCount) { try snapshot([]) }
    #expect(throws: SnapshotError.siteWithoutHosts(site: "s")) {
      try snapshot([SiteSettings(name: "s", hosts: [], origin: 0)])
    }
    #expect(throws: SnapshotError.originUnknown(site: "s")) {
      try snapshot([SiteSettings(name: "s", hosts: ["*"], origin: 1)])
    }
    #expect(throws: SnapshotError.hostTwice(host: "a.test")) {
      try snapshot([
        SiteSettings(name: "s", hosts: ["a.test"], origin: 0),
        SiteSettings(name: "t", hosts: ["A.test"], origin: 0),
      ])
    }
    #expect(throws: SnapshotError.hostInvalid(site: "s", host: "a|b")) {
      try snapshot([SiteSettings(name: "s", hosts: ["a|b"], origin: 0)])
    }
    #expect(throws: SnapshotError.siteTwice(site: "s")) {
      try snapshot([
        SiteSettings(name: "s", hosts: ["a"], origin: 0),
        SiteSettings(name: "s", hosts: ["b"], origin: 0),
      ])
    }
    #expect(throws: SnapshotError.patternInvalid(site: "s", match: "x", .mustBeginWithSlash)) {
      try snapshot([
        SiteSettings(name: "s", hosts: ["a"], origin: 0, rules: [RuleSettings(match: "x")])
      ])
    }
  }

  @Test(arguments: [
    ("/live/*/**", "/live/one/a/b.m3u8", "/live/one/"), ("/live/*/**", "/live/one/", "/live/one/"),
    ("/live/*/**", "/live/a.m3u8", nil), ("/live/*/**", "/vod/one/a.m3u8", nil),
    ("/live/**", "/live/a.m3u8", "/live/"), ("/*/ch-*/**", "/x/ch-1/a.ts", "/x/ch-1/"),
    ("/*/ch-*/**", "/x/y-1/a.ts", nil), ("/**", "/a", "/"),
  ])
  func `names what belongs to one presentation`(
    pattern: String, path: String, name: String?
  ) throws {
    var rule = RuleSettings(match: "/**")
    rule.presentation = pattern
    let snapshot = try snapshot([SiteSettings(name: "s", hosts: ["a"], origin: 0, rules: [rule])])

    let end = snapshot.presentationEnd(site: 0, path: Array(path.utf8).span)

    #expect(end.map { String(path.prefix($0)) } == name)
  }

  @Test(arguments: ["/live/*", "/live/**/**", "/live/*/**.m3u8", "live/**"])
  func `refuses a pattern that names no presentations`(pattern: String) {
    var rule = RuleSettings(match: "/**")
    rule.presentation = pattern
    #expect(throws: SnapshotError.self) {
      try snapshot([SiteSettings(name: "s", hosts: ["a"], origin: 0, rules: [rule])])
    }
  }

  @Test func `writes the authority of a server without the usual port`() {
    #expect(ServerSettings(host: "o.test").authority == "o.test")
    #expect(ServerSettings(host: "o.test", port: 8080).authority == "o.test:8080")
    #expect(ServerSettings(host: "::1", port: 81).authority == "[::1]:81")
  }
}
