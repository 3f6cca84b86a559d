internal import ArgumentParser
internal import Load
internal import Loop

/// `spillway load herd`.
struct LoadHerd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "herd",
    abstract: "Let many viewers come while one slow object is being fetched.",
    discussion: """
      The tool is the viewers and the origin at once: configure the server to fetch from --origin. \
      A first viewer causes the fetch; the others come evenly over --spread, from its first byte on.

      What it prints:
        followers           viewers behind the first
        answers             viewers who had the whole object, the first included
        origin requests     requests that reached the origin: 1 where fetches are shared
        first byte          from a follower's request to the first byte of its body
        lag                 from when the origin sent a piece to when a follower who was there had \
      the last byte of it; in it is what the tool needs to read for others, some microseconds each
        connects failed     connections that were refused
        answers broken off  answers that ended before the object did, or that have another length
        answers malformed   answers that are no HTTP/1.1
        viewers unanswered  no whole answer in time
      """)

  @Argument(
    help: "The URL of a folder on the server; an object of a new name below it is asked for.")
  var url: String

  @Option(help: "Where the tool listens as the server's origin: 127.0.0.1:9000.")
  var origin: String

  @Option(name: .shortAndLong, help: "Viewers behind the first.")
  var followers = 300

  @Option(help: "Over what time they come.")
  var spread = TimeArgument(milliseconds: 1500)

  @Option(help: "Length of the object in bytes.")
  var bytes = 1 << 20

  @Option(help: "Pieces in which the origin sends it.")
  var pieces = 40

  @Option(help: "How long the origin takes for it.")
  var span = TimeArgument(milliseconds: 2000)

  @OptionGroup var options: LoadOptions

  func run() throws {
    let report = try LoadTerminal.run { progress throws(LoadError) in
      try HerdRun.run(settings(), progress: progress)
    }
    LoadTerminal.print(report.figures, json: options.json)
    if !report.isFine { throw ExitCode.failure }
  }

  private func settings() throws(LoadError) -> HerdSettings {
    guard let address = SocketAddress(parsing: origin) else {
      throw .usage("--origin \(origin): an address and a port are needed, as 127.0.0.1:9000")
    }
    var settings = HerdSettings(url: try LoadURL(url), origin: address)
    settings.host = options.host
    settings.followers = followers
    settings.spread = spread.nanoseconds
    settings.bytes = bytes
    settings.pieces = pieces
    settings.span = span.nanoseconds
    settings.timeout = options.timeout.nanoseconds
    return settings
  }
}
