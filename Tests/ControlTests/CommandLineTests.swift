import Glibc
import Testing

@testable import Control

/// A run of the built binary: what it printed and its exit code.
struct Run {
  let output: String
  let code: Int32

  /// Runs `spillway` with `arguments`, as a shell reads them; standard error joins the output.
  init(_ arguments: String) throws {
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, path.count - 1)
    let own = String(
      decoding: path.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.split(separator: "/").dropLast().joined(separator: "/")
    guard let pipe = popen("'/\(folder)/spillway' \(arguments) 2>&1", "r") else {
      throw Project.Missing(path: folder)
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, pipe)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    output = String(decoding: bytes, as: UTF8.self)
    code = pclose(pipe) >> 8
  }
}

@Suite struct `The command line` {
  @Test func `says that a configuration is sound`() throws {
    let file = try Project.temporary(Sample.text())
    defer { unlink(file) }

    let run = try Run("check -c \(file)")

    #expect(run.output == "\(file): ok (1 site, 1 origin, 0 rules)\n")
    #expect(run.code == 0)
  }

  @Test func `ends with 2 after a bad configuration`() throws {
    let file = try Project.temporary(Sample.text(adding: "[chache]\nmemory = \"1GiB\"\n"))
    defer { unlink(file) }

    let check = try Run("check -c \(file)")
    let serve = try Run("serve -c \(file)")

    #expect(
      check.output == "\(file):9: unknown key `chache.memory`; did you mean `cache.memory`?\n")
    #expect(check.code == 2)
    #expect(serve.output == check.output)
    #expect(serve.code == 2)
  }

  @Test func `checks for programs in JSON`() throws {
    let good = try Project.temporary(Sample.text())
    defer { unlink(good) }
    let bad = try Project.temporary(Sample.text(adding: "x = 1\ny = \"\"\n"))
    defer { unlink(bad) }

    let sound = try Run("check --json -c \(good)")
    let unsound = try Run("check --json -c \(bad)")

    #expect(
      sound.output
        == "{\"file\":\"\(good)\",\"sites\":1,\"origins\":1,\"rules\":0,\"problems\":[]}\n")
    #expect(
      unsound.output
        == "{\"file\":\"\(bad)\",\"problems\":[{\"line\":8,\"key\":\"site.x\","
        + "\"message\":\"unknown key `site.x`\"},{\"line\":9,\"key\":\"site.y\","
        + "\"message\":\"unknown key `site.y`\"}]}\n")
    #expect(unsound.code == 2)
  }

  @Test(arguments: [
    "nonsense", "check --nonsense", "purge", "purge a b", "purge http://a/ --tag t", "purge a",
    "purge --prefix http://a/b", "status --socket", "cache ls --limit 0", "cache ls nonsense",
    "cache verify --limit 1",
  ])
  func `ends with 2 after wrong usage`(arguments: String) throws {
    let run = try Run(arguments)

    #expect(run.code == 2)
    #expect(run.output.contains("Error: "))
  }

  @Test(arguments: ["status", "purge http://a/", "purge --tag t --json"])
  func `ends with 1 when no node answers`(arguments: String) throws {
    let run = try Run("\(arguments) --socket /nowhere/a.sock")

    #expect(
      run.output
        == "spillway: no node answers at /nowhere/a.sock; is `spillway serve` running?\n")
    #expect(run.code == 1)
  }

  @Test func `ends with 2 where there are no volumes to look at`() throws {
    let file = try Project.temporary(Sample.text())
    defer { unlink(file) }

    for command in ["verify", "rebuild --json"] {
      let run = try Run("cache \(command) -c \(file)")

      #expect(run.output == "spillway: \(file) has no [[cache.volume]]\n")
      #expect(run.code == 2)
    }
  }

  @Test(arguments: ["verify", "rebuild", "ls", "ls --json"])
  func `ends with 1 and one line where a volume is not there`(command: String) throws {
    let disk = """
      [cache]
      index = "/nowhere/index"
      [[cache.volume]]
      path = "/nowhere/volume"
      size = "32MiB"
      [admin]
      socket = "/nowhere/admin.sock"

      """
    let file = try Project.temporary(Sample.text(adding: disk))
    defer { unlink(file) }

    let run = try Run("cache \(command) -c \(file)")

    #expect(run.output.hasPrefix("spillway: /nowhere/volume: it is not there ("))
    #expect(run.output.split(separator: "\n").count == 1)
    #expect(run.code == 1)
  }

  @Test(arguments: [
    ("--version", "spillway "), ("--help", "OVERVIEW: "), ("purge --help", "OVERVIEW: "),
  ])
  func `ends with 0 after telling about itself`(arguments: String, start: String) throws {
    let run = try Run(arguments)

    #expect(run.output.hasPrefix(start))
    #expect(run.code == 0)
  }
}
