import Bytes
import Testing

@testable import Control

/// A text with mistakes and what must be said about them, without the file's name.
struct Mistake: Sendable, CustomTestStringConvertible {
  let text: String
  let said: [String]

  init(_ changes: [Int: String] = [:], adding: String = "", _ said: String...) {
    text = Sample.text(changes, adding: adding)
    self.said = said.map { $0.hasPrefix(":") ? "spillway.toml\($0)" : "spillway.toml:\($0)" }
  }

  var testDescription: String { said.first ?? "" }
}

@Suite struct `A mistake in a configuration` {
  static let keys: [Mistake] = [
    Mistake(
      adding: "\n\n\n[chache]\nmemory = \"1GiB\"\n",
      "12: unknown key `chache.memory`; did you mean `cache.memory`?"),
    Mistake(
      adding: "chache.memory = \"1GiB\"\n",
      "8: unknown key `site.chache.memory`; did you mean `cache.memory`?"),
    Mistake(adding: "hots = []", "8: unknown key `site.hots`; did you mean `site.hosts`?"),
    Mistake(adding: "zzzzzzzz = 1", "8: unknown key `site.zzzzzzzz`"),
    Mistake(
      adding: "memory = \"1GiB\"", "8: unknown key `site.memory`; did you mean `cache.memory`?"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\ntimeouts = { foo = 1 }"],
      "5: unknown key `origin.timeouts.foo`"),
    Mistake(adding: "[nodes]", "8: unknown key `nodes`; did you mean `node`?"),
    Mistake(
      [2: "[[orgin]]"],
      ": `origin` is missing; write [[origin]] with name and server",
      "3: unknown key `orgin.name`; did you mean `origin.name`?",
      "4: unknown key `orgin.server.url`; did you mean `origin.server.url`?",
      "7: `site.origin` = \"live\" names no [[origin]]"),
    Mistake(
      adding: "[site.token]\nkind = \"hmac\"\n",
      "8: `site.token` is not supported by this version; remove it"),
    Mistake(
      adding: "[node]\npop = \"mil1\"\nlocation = [1.0, 2.0]\nuplink = \"1Gbps\"\n",
      "9: `node.pop` is not supported by this version; remove it",
      "10: `node.location` is not supported by this version; remove it",
      "11: `node.uplink` is not supported by this version; remove it"),
    Mistake(
      adding: "[[cache.volume]]\npath = \"/v\"\n",
      "8: `cache.volume.size` is missing; write size = \"100GiB\""),
    Mistake(
      adding: "[[cache.volume]]\npath = \"v\"\nsize = \"1GiB\"\n",
      "9: `cache.volume.path` = \"v\" must be an absolute path, such as "
        + "\"/var/lib/spillway/volume\""),
    Mistake(
      adding: "[[cache.volume]]\npath = \"/v\"\nsize = \"1GiB\"\n[[cache.volume]]\n"
        + "path = \"/v\"\nsize = \"1GiB\"\n",
      "12: `cache.volume.path` = \"/v\" is listed twice; remove one"),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/vod/**\"\nslice = \"1MiB\"\n",
      "10: `site.rule.slice` needs a volume to keep slices on; add a [[cache.volume]]"),
    Mistake(
      [1: #"listen = [{ address = "0.0.0.0:443", tls = [] }]"#],
      "1: `listen.tls` is not supported by this version; remove it"),
  ]

  static let types: [Mistake] = [
    Mistake(
      adding: "[cache]\nmemory = 5\n",
      "9: `cache.memory` must be a size in quotes: a whole number and B, KB, MB, GB, TB, KiB, MiB, "
        + "GiB or TiB, such as \"64MiB\", not an integer"),
    Mistake(
      adding: "[cache]\nmemory = \"5 gigs\"\n",
      "9: `cache.memory` = \"5 gigs\" must be a size in quotes: a whole number and B, KB, MB, GB, "
        + "TB, KiB, MiB, GiB or TiB, such as \"64MiB\""),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/\"\nttl = \"1.5h\"\n",
      "10: `site.rule.ttl` = \"1.5h\" must be a duration in quotes: a whole number and ms, s, m, h "
        + "or d, such as \"250ms\" or \"12h\""),
    Mistake(
      adding: "[node]\nworkers = \"2\"\n",
      "9: `node.workers` must be a whole number without quotes, not a string"),
    Mistake(
      adding: "[node]\nworkers = 2.0\n",
      "9: `node.workers` must be a whole number without quotes, not a decimal number"),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/\"\nlive = \"yes\"\n",
      "10: `site.rule.live` must be true or false, without quotes, not a string"),
    Mistake(adding: "[[node]]", "8: `node` must be a table, not an array"),
    Mistake(
      [6: "hosts = \"live.example.com\""],
      "6: `site.hosts` must be an array of strings, each a host, not a string"),
    Mistake(
      [6: "hosts = [\"a\",\n 5]"], "7: `site.hosts` must hold strings, not an integer"),
    Mistake(
      [4: "server = [\"http://a\"]"], "4: `origin.server` must hold tables, not a string"),
    Mistake(
      adding: "[log]\nlevel = \"verbose\"\n",
      "9: `log.level` = \"verbose\" must be \"error\" or \"warning\" or \"info\" or \"debug\""),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/\"\nquery = \"some\"\n",
      "10: `site.rule.query` = \"some\" must be \"all\", \"none\" or an array of argument names "
        + "such as [\"id\"]"),
  ]

  static let ranges: [Mistake] = [
    Mistake(
      adding: "[node]\nworkers = -1\n", "9: `node.workers` = -1 is too small; the least is 0"),
    Mistake(
      adding: "[node]\nworkers = 4000\n",
      "9: `node.workers` = 4000 is too large; the greatest is 1024"),
    Mistake(
      adding: "[cache]\nmemory = \"1KB\"\n",
      "9: `cache.memory` = \"1KB\" is too small; the least is \"1MiB\""),
    Mistake(
      adding: "[cache]\nmemory = \"64MiB\"\nmax_object = \"9MiB\"\n",
      "10: `cache.max_object` = \"9MiB\" is more than an eighth of `cache.memory`; write at most "
        + "\"8MiB\", raise `cache.memory` or add a `[[cache.volume]]`"),
    Mistake(
      [4: "server = [{ url = \"http://a\", weight = 0 }]"],
      "4: `origin.server.weight` = 0 is too small; the least is 1"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\ntimeouts = { stall = \"0s\" }"],
      "5: `origin.timeouts.stall` = \"0s\" is too small; the least is \"1ms\""),
    Mistake([6: "hosts = []"], "6: `site.hosts` must not be empty"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\nhealth = { interval = \"2s\" }"],
      "5: `origin.health` asks for nothing; write path = \"/health\", playlist, or both"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\nhealth = { path = \"/h\", timeout = \"2s\" }"],
      "5: `origin.health.timeout` must not be longer than `origin.health.interval`: a probe has "
        + "ended when the next begins"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\nhealth = { playlist = \"/a\", body = \"ok\" }"],
      "5: `origin.health.body` has no effect without `origin.health.path`"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\nhealth = { path = \"h\", status = [200, 99] }"],
      "5: `origin.health.path` = \"h\" must be a path from the root of at most 2048 bytes, "
        + "percent-encoded, such as \"/health\"",
      "5: `origin.health.status` = [99] is too small; the least is 200"),
    Mistake(
      [4: "server = [{ url = \"http://a\" }]\nhealth = { path = \"/h\", status = 200 }"],
      "5: `origin.health.status` must be an array of whole numbers without quotes, "
        + "not an integer"),
    Mistake(
      [4: "server = []"],
      "4: `origin.server` must not be empty; "
        + "write server = [{ url = \"http://origin.example.com\" }]"
    ),
  ]

  static let missing: [Mistake] = [
    Mistake([1: ""], ": `listen` is missing; write [[listen]] with address = \"0.0.0.0:80\""),
    Mistake(
      [1: "listen = [{}]"], "1: `listen.address` is missing; write address = \"0.0.0.0:80\""),
    Mistake(
      [3: ""], "2: `origin.name` is missing; write name = \"live\"",
      "7: `site.origin` = \"live\" names no [[origin]]"),
    Mistake([7: ""], "5: `site.origin` is missing; write origin = \"live\""),
    Mistake([6: ""], "5: `site.hosts` is missing; write hosts = [\"live.example.com\"]"),
    Mistake(
      [4: "server = [{ weight = 1 }]"],
      "4: `origin.server.url` is missing; write url = \"http://origin.example.com\""),
    Mistake(
      adding: "[[site.rule]]\nttl = \"1s\"\n",
      "8: `site.rule.match` is missing; write match = \"/vod/**\""),
  ]

  static let meanings: [Mistake] = [
    Mistake(
      [7: "origin = \"lvie\""],
      "7: `site.origin` = \"lvie\" names no [[origin]]; did you mean \"live\"?"),
    Mistake(
      [7: "origin = \"films\""],
      "7: `site.origin` = \"films\" names no [[origin]]; there is \"live\""),
    Mistake(
      adding: "[[origin]]\nname = \"live\"\nserver = [{ url = \"http://b\" }]\n",
      "9: `origin.name` = \"live\" is already used at line 3; choose another"),
    Mistake(
      adding:
        "[[site]]\nname = \"two\"\nhosts = [\"b\",\n\"LIVE.example.com\"]\norigin = \"live\"\n",
      "11: `site.hosts` = \"live.example.com\" is already used at line 6; choose another"),
    Mistake(
      [1: "listen = [{ address = \"[::]:80\" },\n{ address = \"[::]:80\" }]"],
      "2: `listen.address` = \"[::]:80\" is listed twice; remove one"),
    Mistake(
      [4: "server = [{ url = \"http://a\", backup = true }]"],
      "4: `origin.server` has only backups; remove `backup = true` from one of them"),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/a\"\nbypass = true\nttl = \"1s\"\n",
      "11: `site.rule.ttl` has no effect beside `bypass = true`; remove one of the two"),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/a\"\n[[site.rule]]\nmatch = \"/a\"\n",
      "11: `site.rule.match` = \"/a\" never decides: the rule at line 9 matches first; remove one"),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/a\"\nquery = [\"id\", \"CMCD\"]\n",
      "10: `site.rule.query` = [\"CMCD\"] must not name CMCD: what players report about themselves "
        + "never makes another object"),
  ]

  static let forms: [Mistake] = [
    Mistake(
      [1: "listen = [{ address = \":80\" }]"],
      "1: `listen.address` = \":80\" must be an IP address and port such as \"0.0.0.0:80\" or "
        + "\"[::]:80\", \"unix:/run/spillway/http.sock\", or \"systemd\""),
    Mistake(
      [4: "server = [{ url = \"https://a\" }]"],
      "4: `origin.server.url` = \"https://a\" asks for https, but TLS to origins is not "
        + "supported by this version; write an http:// URL"),
    Mistake(
      [4: "server = [{ url = \"a.example.com\" }]"],
      "4: `origin.server.url` = \"a.example.com\" must begin with http://, as in "
        + "\"http://origin.example.com\""),
    Mistake(
      [4: "server = [{ url = \"http://a:0\" }]"],
      "4: `origin.server.url` = \"http://a:0\" has no port from 1 to 65535 after its host"),
    Mistake(
      [4: "server = [{ url = \"http://me:pw@a\" }]"],
      "4: `origin.server.url` = \"http://me:pw@a\" must not hold a user or password; send a "
        + "secret in `headers`"),
    Mistake(
      [6: "hosts = [\"http://a\"]"],
      "6: `site.hosts` = [\"http://a\"] must be a host name without scheme and port, "
        + "\"*.example.com\", or \"*\" for any"),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"vod/**\"\n",
      "9: `site.rule.match` = \"vod/**\" must begin with \"/\", as in \"/live/**\""),
    Mistake(
      adding: "[[site.rule]]\nmatch = \"/a?b=1\"\n",
      "9: `site.rule.match` = \"/a?b=1\" must not hold a space, '?', '#' or a non-ASCII letter; "
        + "percent-encode them, and choose arguments with `query`"),
    Mistake(
      adding: "[admin]\nsocket = \"admin.sock\"\nmetrics = \"localhost:1\"\n",
      "9: `admin.socket` = \"admin.sock\" must be an absolute path of at most 107 bytes, such as "
        + "\"/run/spillway/admin.sock\"",
      "10: `admin.metrics` = \"localhost:1\" must be an IP address and port such as "
        + "\"127.0.0.1:9145\" or \"[::1]:9145\", or \"\" for none"),
    Mistake(
      [
        3:
          "name = \"live\"\nheaders = { Host = \"a\", \"X Y\" = \"b\", C = 1, "
          + "D = \"file:/nowhere\" }"
      ],
      "4: `origin.headers.C` must be a string",
      "4: `origin.headers.D` names the file /nowhere, which cannot be read: "
        + "No such file or directory",
      "4: `origin.headers.Host` is set by `origin.host`; remove it here",
      "4: `origin.headers.X Y` is no name of an HTTP field; write letters, digits and '-'"),
  ]

  @Test(arguments: keys + types + ranges)
  func `in a key, type or range is told with its line and what to write`(mistake: Mistake) {
    #expect(Sample.mistakes(in: mistake.text) == mistake.said)
  }

  @Test(arguments: missing + meanings + forms)
  func `in what is missing or meant is told with its line and what to write`(mistake: Mistake) {
    #expect(Sample.mistakes(in: mistake.text) == mistake.said)
  }

  @Test func `of syntax is told with its line`() {
    let said = Sample.mistakes(in: "a = 1\nb = = 2\n")

    #expect(said.count == 1)
    #expect(said[0].hasPrefix("spillway.toml:2: not TOML: "))
  }

  @Test func `of the same key twice is told with its line`() {
    let said = Sample.mistakes(in: Sample.text(adding: "[node]\nworkers = 1\nworkers = 2\n"))

    #expect(said.count == 1)
    #expect(said[0].hasPrefix("spillway.toml:10: not TOML: "))
  }

  @Test func `never hides another one`() {
    let text = Sample.text(
      [1: "listen = [{ address = \"x\" }]", 6: "hosts = [\"a b\", \"c d\"]"],
      adding: "[cache]\nmemroy = \"x\"\nmemory = \"y\"\n[node]\nworkers = -5\n")

    let lines = Sample.mistakes(in: text).map { $0.split(separator: ":")[1] }

    #expect(lines == ["1", "6", "6", "9", "10", "12"])
  }

  @Test func `of a file that is not there is told`() {
    #expect(
      throws: ConfigurationFailure([
        ConfigurationProblem(line: 0, key: "", message: "cannot be read: No such file or directory")
      ])
    ) {
      try Configuration.load(file: "/nowhere/spillway.toml")
    }
  }

  @Test func `never traps, however the file is damaged`() throws {
    let text = Array(try Project.text("Config/spillway.toml").replacing("# ", with: "").utf8)
    var random = RandomSource(seed: 20_261_122)
    let marks = Array("[]{}=.,\"'\\#\n\0\u{FF}-9".utf8)

    for _ in 0..<2000 {
      var damaged = text
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<damaged.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: damaged.remove(at: place)
        case 1: damaged[place] = marks.randomElement(using: &random) ?? 0
        default: damaged.removeSubrange(place..<min(damaged.count, place + 30))
        }
      }
      for mistake in Sample.mistakes(in: String(decoding: damaged, as: UTF8.self)) {
        #expect(mistake.hasPrefix("spillway.toml:"))
      }
    }
  }
}
