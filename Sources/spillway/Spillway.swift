internal import ArgumentParser
internal import Control
internal import Glibc

/// The command line: one subcommand per action.
struct Spillway: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "spillway",
    abstract: "The edge of a live and VOD streaming network.",
    discussion: "Exit codes: 0 fine, 1 failed, 2 wrong usage or configuration.",
    version: "spillway \(Version.text)",
    subcommands: [
      Serve.self, Check.self, Status.self, Purge.self, Explain.self, Cache.self, StreamCommand.self,
      OriginCommand.self, SetCommand.self, LoadCommand.self, Demo.self,
    ])

  /// Parses the arguments, runs the command and ends the process with its exit code.
  ///
  /// ArgumentParser would end with 64 on wrong usage; ours is 2 (design, section 8).
  static func start() -> Never {
    do {
      var command = try parseAsRoot()
      try command.run()
      Glibc.exit(ExitCode.success.rawValue)
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      let text = message.isEmpty ? "" : message + "\n"
      Terminal.write(text, to: code.isSuccess ? .output : .error)
      Glibc.exit(code == .validationFailure ? wrongUsage.rawValue : code.rawValue)
    }
  }

  /// Wrong usage or configuration.
  static let wrongUsage = ExitCode(2)
}
