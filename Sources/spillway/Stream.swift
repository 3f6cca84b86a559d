internal import ArgumentParser
internal import Control

/// `spillway stream`: the live presentations of a running node.
struct StreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream", abstract: "Look at live presentations, and end them.",
    subcommands: [StreamList.self, StreamShow.self, StreamEnd.self])
}

/// `spillway stream ls`: one line for each presentation.
struct StreamList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List the live presentations, each with its server and state.")

  @Argument(help: "Those whose path matches, as \"/live/**\"; all without it.")
  var pattern: String?

  @OptionGroup var admin: AdminDoor

  func run() throws { try admin.operate(.streams(pattern: pattern ?? "")) }
}

/// `spillway stream show`: all that is known of one presentation.
struct StreamShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a presentation: its playlists, their servers, and what happened to it.",
    discussion: "With --json the timeline can be kept for the time after the event.")

  @Argument(help: "The path or URL of it, or of one of its playlists.")
  var path: String

  @OptionGroup var admin: AdminDoor

  func run() throws { try admin.operate(.stream(path)) }
}

/// `spillway stream end`: the event is over.
struct StreamEnd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end",
    abstract: "Pass the end of a presentation on, whatever its other servers say.",
    discussion: """
      Else an end is withheld while another server goes on: encoders write one when they are \
      stopped, and players stop for good.
      """)

  @Argument(help: "The path or URL of it, or of one of its playlists.")
  var path: String

  @Flag(help: "Withhold it again while another server goes on.")
  var undo = false

  @OptionGroup var admin: AdminDoor

  func run() throws { try admin.operate(.end(path, undo: undo)) }
}

/// `spillway origin`: which servers presentations and fetches use.
struct OriginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "origin", abstract: "Choose the servers that presentations come from.",
    subcommands: [OriginPin.self, OriginDrain.self])
}

/// `spillway origin pin`: presentations stay with a server.
struct OriginPin: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Let presentations come from this server, whatever is seen of it.",
    discussion: """
      One that comes from another server goes over at the first poll at which this one can go on. \
      It holds until --undo or until the node is restarted.
      """)

  @Argument(help: "The server, as ORIGIN/HOST:PORT.")
  var server: String

  @Option(help: "The path or URL of one presentation.")
  var stream: String?

  @Flag(help: "All presentations of the origin that are known now.")
  var all = false

  @Flag(help: "Let them leave the server again.")
  var undo = false

  @OptionGroup var admin: AdminDoor

  func validate() throws {
    try ServerName.check(server)
    guard (stream != nil) != all else {
      throw ValidationError("Name exactly one of --stream and --all.")
    }
  }

  func run() throws { try admin.operate(.pin(server: server, stream: stream, undo: undo)) }
}

/// `spillway origin drain`: a server is left in peace.
struct OriginDrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "Let presentations and fetches leave a server.",
    discussion: """
      Each presentation goes to another server at the first poll at which that one can go on; what \
      is pinned stays. A server that two origins name is drained for both. It holds until --undo \
      or until the node is restarted.
      """)

  @Argument(help: "The server, as ORIGIN/HOST:PORT.")
  var server: String

  @Flag(help: "Let it be asked again.")
  var undo = false

  @OptionGroup var admin: AdminDoor

  func validate() throws { try ServerName.check(server) }

  func run() throws { try admin.operate(.drain(server: server, undo: undo)) }
}

/// `spillway set`: switches a rule.
struct SetCommand: ParsableCommand {
  /// The two states.
  enum State: String, ExpressibleByArgument, CaseIterable {
    case on
    case off
  }

  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Switch a rule off or on, or list those that can be.",
    discussion: """
      Rules: guard (playlists that go back are withheld), hold (playlists wait for the segments \
      that they name anew), hedge (a second server is asked where the first is late), seal (media \
      whose container is open is not stored), rewrite (absolute URLs of the origin become paths of \
      the edge; off unless configured). It holds until the node is restarted.
      """)

  @Argument(help: "The rule; all are listed without it.")
  var rule: String?

  @Argument(help: "on or off.")
  var state: State?

  @Option(help: "For this origin alone.")
  var origin: String?

  @OptionGroup var admin: AdminDoor

  func validate() throws {
    guard (rule == nil) == (state == nil) else {
      throw ValidationError("Say whether \(rule ?? "the rule") is to be on or off.")
    }
    guard rule != nil || origin == nil else { throw ValidationError("Name a rule for --origin.") }
  }

  func run() throws {
    guard let rule, let state else { return try admin.operate(.switches) }
    try admin.operate(.set(rule: rule, isOn: state == .on, origin: origin))
  }
}

/// A server as it is written on the command line.
enum ServerName {
  /// Refuses what cannot be one.
  static func check(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
      throw ValidationError("\"\(text)\" is no server: write it as ORIGIN/HOST:PORT.")
    }
  }
}

extension AdminDoor {
  /// Asks the node and prints its answer.
  func operate(_ request: OperatorRequest) throws {
    do {
      Terminal.write(try AdminClient(socket: socket).operate(request, json: json))
    } catch {
      throw failed(error)
    }
  }
}
