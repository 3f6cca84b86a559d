internal import ArgumentParser
internal import Control

/// `spillway serve`: runs the node.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the node.",
    discussion: """
      SIGTERM and SIGINT finish running responses within 30 s and end it; a second one ends it at \
      once. SIGUSR1 opens the log files anew.
      """)

  @OptionGroup var file: ConfigurationFile

  func run() throws {
    let verdict = ConfigurationVerdict(file: file.path)
    switch verdict.outcome {
    case .success(let configuration):
      throw ExitCode(runNode(configuration, file: file.path))
    case .failure:
      Terminal.write(verdict.text, to: .error)
      throw Spillway.wrongUsage
    }
  }
}

/// The option that names the configuration.
struct ConfigurationFile: ParsableArguments {
  @Option(name: [.customShort("c"), .customLong("config")], help: "The configuration file.")
  var path = "/etc/spillway/spillway.toml"
}
