internal import ArgumentParser
internal import Control

/// `spillway status`: how a running node is doing.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show how the running node is doing.")

  @OptionGroup var admin: AdminDoor

  func run() throws {
    let client = AdminClient(socket: admin.socket)
    do {
      Terminal.write(try client.status(json: admin.json))
    } catch {
      throw admin.failed(error)
    }
  }
}

/// The options of every command that talks to a running node.
struct AdminDoor: ParsableArguments {
  @Option(help: "The admin socket of the node.")
  var socket = "/run/spillway/admin.sock"

  @Flag(help: "Print JSON.")
  var json = false

  /// Says what went wrong; gives the exit code to throw.
  func failed(_ failure: AdminClient.Failure) -> ExitCode {
    Terminal.write("spillway: \(failure.message)\n", to: .error)
    return .failure
  }
}
