internal import ArgumentParser
internal import Demo

/// `spillway demo`: two live origins, a node in front, and a page to watch them on.
struct Demo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show it: two live origins, a node in front, and a page to watch them on.",
    discussion: """
      Needs ffmpeg and nginx from Debian (`make demo` installs them). Ctrl-C ends it and leaves \
      nothing behind.
      """)

  @Option(help: "The node's port; the origins take the two ports above it.")
  var port: UInt16 = 8080

  @Option(help: "The IPv4 address that the node listens on; 0.0.0.0 lets other machines watch.")
  var address = "127.0.0.1"

  @Option(help: "The port of the node's metrics.")
  var metricsPort: UInt16 = 9145

  @Option(help: "End by itself so many seconds after it is ready.")
  var seconds: UInt32?

  @Flag(help: "Print what to open and the process ids as JSON, once it is ready.")
  var json = false

  func run() throws {
    let settings = DemoSettings(
      port: port, address: address, metricsPort: metricsPort, seconds: seconds, json: json)
    let code = LiveDemo.run(
      settings, output: { Terminal.write($0) }, errors: { Terminal.write($0, to: .error) })
    throw ExitCode(code)
  }
}
