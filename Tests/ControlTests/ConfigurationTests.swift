import Bytes
import Glibc
import Loop
import Policy
import Telemetry
import Testing

@testable import Control

/// A sound file of seven lines, with lines replaced or added.
struct Sample {
  static let lines = [
    #"listen = [{ address = "0.0.0.0:80" }]"#,
    #"[[origin]]"#,
    #"name = "live""#,
    #"server = [{ url = "http://a.example.com" }]"#,
    #"[[site]]"#,
    #"hosts = ["live.example.com"]"#,
    #"origin = "live""#,
  ]

  static func text(_ changes: [Int: String] = [:], adding addition: String = "") -> String {
    let changed = lines.enumerated().map { changes[$0.offset + 1] ?? $0.element }
    return changed.joined(separator: "\n") + "\n" + addition
  }

  static func configuration(
    _ changes: [Int: String] = [:], adding addition: String = ""
  ) throws -> Configuration {
    try Configuration.decode(text(changes, adding: addition))
  }

  /// What is wrong with a text, as a person reads it, one entry per mistake.
  static func mistakes(in text: String) -> [String] {
    do {
      _ = try Configuration.decode(text)
      return []
    } catch {
      return error.problems.map { $0.text(file: "spillway.toml") }
    }
  }
}

/// A file in which every key has a value that is not its default.
private let everyKey =
  #"""
  [node]
  name = "mil1"
  workers = 2
  resolver = ["127.0.0.1:5353", "::1", "[::1]:54"]
  [[listen]]
  address = "unix:/run/http.sock"
  [[listen]]
  address = "systemd"
  [[listen]]
  address = "[::]:8080"
  [admin]
  socket = "/tmp/a.sock"
  metrics = ""
  [log]
  level = "debug"
  access = "-"
  [cache]
  memory = "64MiB"
  max_object = "8MiB"
  [[origin]]
  name = "one"
  server = [{ url = "http://one.example.com" }]
  [[origin]]
  name = "two"
  host = "viewer"
  server = [{ url = "http://[::1]:81/p/", weight = 3 }, { url = "HTTP://b", backup = true }]
  headers = { X-Key = "secret", A = "b c" }
  twins = "same-bytes"
  policy = "least-latency"
  max_fills = 20
  hedge = false
  timeouts = { connect = "1s", first_byte = "2m", stall = "3ms" }
  [[site]]
  name = "s"
  hosts = ["*", "a.example.com"]
  origin = "two"
  rule = [
    { match = "/a/**", ttl = "1h", stale = "0s", query = ["b", "a"], live = true },
    { match = "/b", bypass = true }, { match = "/c", query = "none" },
  ]
  """#

@Suite struct `A configuration` {
  @Test func `has the defaults of the key table`() throws {
    let configuration = try Sample.configuration([:], adding: "[node]\nname = \"n1\"\n")

    #expect(configuration.name == "n1")
    #expect(configuration.workers == 0)
    #expect(configuration.resolvers.isEmpty)
    #expect(configuration.listen == [.address(SocketAddress(host: .ipv4(0), port: 80))])
    #expect(configuration.admin.socket == "/run/spillway/admin.sock")
    #expect(configuration.admin.metrics == .loopback(port: 9145))
    #expect(configuration.log.level == .info)
    #expect(configuration.log.access == .file(path: "/var/log/spillway/access.log"))
    #expect(configuration.cache.memoryBytes == 512 << 20)
    #expect(configuration.cache.objectBytesMax == 64 << 20)
    #expect(
      configuration.origins == [
        OriginSettings(name: "live", servers: [ServerSettings(host: "a.example.com")])
      ])
    #expect(
      configuration.sites == [
        SiteSettings(name: "live.example.com", hosts: ["live.example.com"], origin: 0)
      ])
    #expect(configuration.summary == "1 site, 1 origin, 0 rules")
  }

  @Test func `keeps every value that is written`() throws {
    let configuration = try Configuration.decode(everyKey)

    #expect(configuration.name == "mil1")
    #expect(configuration.workers == 2)
    #expect(
      configuration.resolvers.map(\.description) == ["127.0.0.1:5353", "[::1]:53", "[::1]:54"])
    #expect(
      configuration.listen == [
        .address(SocketAddress(host: .unix(path: "/run/http.sock"), port: 0)), .systemd,
        .address(SocketAddress(host: .ipv6(high: 0, low: 0, scope: 0), port: 8080)),
      ])
    #expect(configuration.admin.socket == "/tmp/a.sock")
    #expect(configuration.admin.metrics == nil)
    #expect(configuration.log == Configuration.Log(level: .debug, access: .standardOutput))
    #expect(configuration.cache == CacheSettings(memoryBytes: 64 << 20, objectBytesMax: 8 << 20))
  }

  @Test func `keeps every origin and site that is written`() throws {
    let configuration = try Configuration.decode(everyKey)

    var two = OriginSettings(
      name: "two", host: .viewer,
      servers: [
        ServerSettings(host: "::1", port: 81, pathPrefix: "/p", weight: 3),
        ServerSettings(host: "b", backup: true),
      ],
      timeouts: OriginTimeouts(
        connect: .seconds(1), firstByte: .seconds(120), stall: Milliseconds(3)),
      headers: [
        OriginHeader(name: "A", value: "b c"), OriginHeader(name: "X-Key", value: "secret"),
      ])
    two.twins = .sameBytes
    two.policy = .leastLatency
    two.fillsMax = 20
    two.hedge = false
    #expect(configuration.origins[1] == two)
    #expect(
      configuration.sites == [
        SiteSettings(
          name: "s", hosts: ["*", "a.example.com"], origin: 1,
          rules: [
            RuleSettings(
              match: "/a/**", ttl: .seconds(3600), stale: .zero, query: .only(["b", "a"]),
              live: true),
            RuleSettings(match: "/b", bypass: true), RuleSettings(match: "/c", query: .none),
          ])
      ])
  }

  @Test func `probes servers where it says so`() throws {
    let plain = try Sample.configuration([3: "name = \"live\"\nhealth = { path = \"/health\" }"])
    let every = try Sample.configuration([
      3: """
      name = "live"
      health = { path = "/h?a", interval = "2s", timeout = "2s", fall = 3, rise = 1, \
      status = [200, 204], body = "é ok", playlist = "/a.m3u8" }
      """
    ])

    #expect(plain.origins[0].health == ProbeSettings(path: "/health"))
    var expected = ProbeSettings(path: "/h?a", playlist: "/a.m3u8")
    expected.interval = .seconds(2)
    expected.timeout = .seconds(2)
    expected.fall = 3
    expected.rise = 1
    expected.statuses = [200, 204]
    expected.body = "é ok"
    #expect(every.origins[0].health == expected)
  }

  @Test func `reads a secret from its file without the line end`() throws {
    let file = try Project.temporary("s3cret\n")
    defer { unlink(file) }

    let configuration = try Sample.configuration(
      [3: "name = \"live\"\nheaders = { X-Key = \"file:\(file)\" }"])

    #expect(configuration.origins[0].headers == [OriginHeader(name: "X-Key", value: "s3cret")])
  }

  @Test func `compiles into a snapshot`() throws {
    let configuration = try Sample.configuration([:], adding: "[node]\nname = \"n1\"\n")

    let snapshot = try configuration.compile()

    #expect(snapshot.siteCount == 1)
    #expect(snapshot.site(forHost: Array("LIVE.example.com:80".utf8).span) == 0)
  }

  @Test(arguments: [
    "Config/spillway.toml", "Config/examples/minimal.toml", "Config/examples/live.toml",
    "Config/examples/vod.toml",
  ])
  func `is decoded from every file of Config`(path: String) throws {
    let text = try Project.text(path)

    #expect(Sample.mistakes(in: text.replacing("[node]\n", with: "[node]\n#\n")) == [])
    #expect(throws: Never.self) { try Configuration.decode(text).compile() }
  }

  @Test func `is documented by Config spillway toml key by key`() throws {
    let text = try Project.text("Config/spillway.toml")

    for key in ConfigurationKey.all where key.kind != .table && key.kind != .tables {
      #expect(text.contains("\(key.lastName) ="), "\(key.name) is missing")
    }
  }

  @Test func `has in its commented file the same meaning with every default written out`() throws {
    let text = try Project.text("Config/spillway.toml")
    let written = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isDefault = line.hasPrefix("# ") && line.contains(" = ") && !line.contains("address")
      return isDefault && !line.contains("name =") && !line.contains("file:")
        && !line.contains("resolver") && !line.contains("path =") && !line.contains("size =")
        ? String(line.dropFirst(2)) : String(line)
    }.joined(separator: "\n")

    let commented = try Configuration.decode(text)
    let spelledOut = try Configuration.decode(written)

    #expect(written.contains("\nstall = \"1s\""))
    #expect(commented == spelledOut)
  }

  @Test func `has a reference page that is up to date`() throws {
    let committed = try Project.text("Documentation/configuration.md")

    #expect(
      committed == ConfigurationReference.markdown(),
      "run: swift run spillway check --reference > Documentation/configuration.md")
  }
}
