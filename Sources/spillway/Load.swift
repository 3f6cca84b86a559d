internal import ArgumentParser
internal import Control
internal import Glibc
internal import Load

/// `spillway load`: what a server takes, as its viewers would find it.
struct LoadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Load a server and measure what its viewers would see.",
    discussion: """
      The tools speak plain HTTP/1.1 to one address. Send them at servers of your own alone. \
      Exit codes: 0 all was answered well, 1 something was not, 2 wrong usage.
      """,
    subcommands: [LoadHit.self, LoadHerd.self, LoadViewers.self])
}

/// The options that all load tools have.
struct LoadOptions: ParsableArguments {
  @Option(help: "The Host field, where it is not the URL's.")
  var host: String?

  @Option(help: "How long an answer is waited for.")
  var timeout = TimeArgument(milliseconds: 10_000)

  @Flag(help: "Print JSON.")
  var json = false
}

/// What the load tools have in common at the terminal.
enum LoadTerminal {
  /// Runs a tool with a live line on standard error; a failure ends the command with its code.
  static func run<Report>(
    _ tool: ((String) -> Void) throws(LoadError) -> Report
  ) throws -> Report {
    var line = ProgressLine(isTerminal: isatty(STDERR_FILENO) == 1) {
      Terminal.write($0, to: .error)
    }
    do throws(LoadError) {
      let report = try tool { line.show($0) }
      line.end()
      return report
    } catch {
      line.end()
      throw failed(error)
    }
  }

  /// Says what went wrong in one line; gives the exit code to throw.
  static func failed(_ error: LoadError) -> ExitCode {
    Terminal.write("spillway: \(error.message)\n", to: .error)
    if case .usage = error { return Spillway.wrongUsage }
    return .failure
  }

  /// Prints the figures as a table, or as one JSON object.
  static func print(_ figures: [Figure], json: Bool) {
    guard json else { return Terminal.write(Figure.table(figures)) }
    var writer = JSONWriter()
    writer.object { object in
      for figure in figures {
        switch figure.value {
        case .count(let number): object.member(figure.key, UInt64(number))
        case .time(let nanoseconds): object.member(figure.key, thousandths: nanoseconds / 1000)
        case .thousandths(let number): object.member(figure.key, thousandths: number)
        case .unknown: object.memberNull(figure.key)
        }
      }
    }
    Terminal.write(writer.finish())
  }
}

/// A length of time on the command line: `30s`, `500ms`, `2m`.
struct TimeArgument: ExpressibleByArgument {
  let nanoseconds: Int64

  init(milliseconds: Int64) { nanoseconds = milliseconds * 1_000_000 }

  init?(argument: String) {
    let units: [(String, Double)] = [("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)]
    guard let unit = units.first(where: { argument.hasSuffix($0.0) }),
      let number = Double(argument.dropLast(unit.0.count)), number > 0, number * unit.1 < 1e17
    else { return nil }
    nanoseconds = Int64(number * unit.1)
  }

  var defaultValueDescription: String {
    nanoseconds % 1_000_000_000 == 0
      ? "\(nanoseconds / 1_000_000_000)s" : "\(nanoseconds / 1_000_000)ms"
  }
}
