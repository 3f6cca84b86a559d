internal import ArgumentParser
internal import Control
internal import Glibc

/// `spillway cache`: what lies on the volumes.
struct Cache: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look at what is stored, and check the volumes.",
    subcommands: [CacheList.self, CacheVerify.self, CacheRebuild.self])
}

/// `spillway cache verify`: compares every byte with its checksum.
struct CacheVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read the volumes from end to end and compare every byte with its checksum.",
    discussion: "Offline: the node must not run. Changes nothing. Exits 1 if anything is bad.")

  @OptionGroup var volumes: ConfiguredVolumes

  func run() throws {
    try volumes.work(.verify) { volumes, progress throws(OfflineVolumes.Failure) in
      try volumes.verify(progress)
    }
  }
}

/// `spillway cache rebuild`: builds the index anew.
struct CacheRebuild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rebuild", abstract: "Build the index anew of what lies on the volumes.",
    discussion: """
      Offline: the node must not run. A node does the same by itself, while it serves, when it \
      finds its index lost or damaged.
      """)

  @OptionGroup var volumes: ConfiguredVolumes

  func run() throws {
    try volumes.work(.rebuild) { volumes, progress throws(OfflineVolumes.Failure) in
      try volumes.rebuild(progress)
    }
  }
}

/// `spillway cache ls`: lists what is stored.
struct CacheList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ls", abstract: "List what is stored, in memory and on the volumes.",
    discussion: """
      Asks the node where one answers at the configured admin socket: then what lies in memory is \
      listed too. Else it reads the volumes. In no order. With --json, one object a line.
      """)

  @Argument(help: "The URL that what is listed begins with; all without it.")
  var prefix: String?

  @Option(help: "List at most so many.")
  var limit = 1000

  @OptionGroup var volumes: ConfiguredVolumes

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit is at least 1.") }
    guard let prefix else { return }
    do {
      _ = try PurgeRequest(url: prefix)
    } catch {
      throw ValidationError(error.message)
    }
  }

  func run() throws {
    let configuration = try volumes.read()
    let client = AdminClient(socket: configuration.admin.socket)
    let write = { (text: String) in Terminal.write(text) }
    do {
      if client.isAnswered {
        try client.list(prefix: prefix ?? "", limit: limit, json: volumes.json, write)
      } else {
        try OfflineVolumes(configuration, for: .list).list(
          prefix: prefix ?? "", limit: limit, json: volumes.json, write)
      }
    } catch let failure as AdminClient.Failure {
      throw ConfiguredVolumes.failed(failure.message)
    } catch let failure as OfflineVolumes.Failure {
      throw ConfiguredVolumes.failed(failure.message)
    }
  }
}

/// What the commands on volumes have in common.
struct ConfiguredVolumes: ParsableArguments {
  @OptionGroup var file: ConfigurationFile

  @Flag(help: "Print JSON.")
  var json = false

  /// The configuration; a bad one ends the command with 2.
  func read() throws -> Configuration {
    let verdict = ConfigurationVerdict(file: file.path)
    guard case .success(let configuration) = verdict.outcome else {
      Terminal.write(verdict.text, to: .error)
      throw Spillway.wrongUsage
    }
    return configuration
  }

  /// Opens the volumes, does what is to be done with progress on standard error, and prints what
  /// was found.
  func work(
    _ task: OfflineVolumes.Task,
    _ body: (OfflineVolumes, (String) -> Void) throws(OfflineVolumes.Failure) -> VolumeSummary
  ) throws {
    let configuration = try read()
    guard !configuration.disk.volumes.isEmpty else {
      Terminal.write("spillway: \(file.path) has no [[cache.volume]]\n", to: .error)
      throw Spillway.wrongUsage
    }
    var line = ProgressLine(isTerminal: isatty(STDERR_FILENO) == 1) {
      Terminal.write($0, to: .error)
    }
    let summary: VolumeSummary
    do throws(OfflineVolumes.Failure) {
      summary = try body(OfflineVolumes(configuration, for: task)) { line.show($0) }
    } catch {
      line.end()
      throw Self.failed(error.message)
    }
    line.end()
    Terminal.write(json ? summary.json : summary.text)
    if !summary.isFine { throw ExitCode.failure }
  }

  /// Says what went wrong; gives the exit code to throw.
  static func failed(_ message: String) -> ExitCode {
    Terminal.write("spillway: \(message)\n", to: .error)
    return .failure
  }
}
