internal import ArgumentParser
internal import Glibc
internal import Load

/// `spillway load hit`.
struct LoadHit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hit",
    abstract: "Ask for objects over keep-alive connections, as fast as they come or at a rate.",
    discussion: """
      Without --rate each connection asks again when its answer is whole (a closed loop). With it \
      requests are due evenly, and latency counts from when a request was due, so that a server \
      which stalls is not asked less meanwhile (an open loop).

      What it prints:
        duration            for how long requests were sent
        answers             whole answers, whatever their status; those a second
        body bytes          of all answers, without heads; in Mbit/s
        cache hits          answers whose last Cache-Status member says "hit"
        status 2xx to 5xx   answers by class
        latency             from due (or sent) to the last byte: percentiles, maximum, mean
        first byte          the same to the first byte of the head
        connects failed     connections that were refused or timed out
        answers broken off  connections that ended in an answer or before it
        answers malformed   answers that are no HTTP/1.1
        requests unanswered no whole answer within --timeout
        requests not sent in time
                            due, but no connection was free before the end
        reconnects          connections that the server closed between two requests
        answers a CPU second of this tool
                            far above what the server gives: the tool is no bottleneck
      """)

  @Argument(help: "URLs of one host; in a single one {n} is a number below --keys.")
  var urls: [String] = []

  @Option(help: "A file with a URL or a path on each line, behind the URL that names the host.")
  var list: String?

  @Option(name: .shortAndLong, help: "Connections.")
  var connections = 50

  @Option(name: .shortAndLong, help: "Threads.")
  var threads = 1

  @Option(name: .shortAndLong, help: "For how long: 10s, 500ms, 2m.")
  var duration = TimeArgument(milliseconds: 10_000)

  @Option(name: [.customShort("n"), .long], help: "End after so many requests.")
  var requests: Int?

  @Option(name: .shortAndLong, help: "Requests a second, whatever becomes of them.")
  var rate: Double?

  @Option(help: "Numbers that {n} takes.")
  var keys = 1

  @Option(help: "Ask for the n-th key or URL in proportion to 1/n^ZIPF; without it for all alike.")
  var zipf: Double?

  @Option(help: "Ask for a range of so many bytes.")
  var rangeBytes: UInt64?

  @Option(help: "The object's length, anywhere in which the range lies; without it the front.")
  var rangeWithin: UInt64?

  @Option(name: [.customShort("H"), .long], help: "A field of each request: \"Name: value\".")
  var header: [String] = []

  @Option(help: "What the choice of keys follows from.")
  var seed: UInt64 = 1

  @OptionGroup var options: LoadOptions

  func run() throws {
    let report = try LoadTerminal.run { progress throws(LoadError) in
      try HitRun.run(settings(), progress: progress)
    }
    LoadTerminal.print(report.figures, json: options.json)
    if !report.isFine { throw ExitCode.failure }
  }

  private func settings() throws(LoadError) -> HitSettings {
    var settings = HitSettings(try order())
    settings.connections = connections
    settings.threads = threads
    settings.nanoseconds = duration.nanoseconds
    settings.requests = requests
    settings.rate = rate
    settings.timeout = options.timeout.nanoseconds
    settings.seed = seed
    return settings
  }

  private func order() throws(LoadError) -> RequestOrder {
    guard !urls.isEmpty else { throw .usage("a URL is missing: http://127.0.0.1:8080/path") }
    var parsed: [LoadURL] = []
    for url in urls { parsed.append(try LoadURL(url)) }
    guard parsed.allSatisfy({ $0.address == parsed[0].address }) else {
      throw .usage("all URLs have to lead to one address")
    }
    if let list { parsed = try RequestOrder.targets(LoadHit.read(list), under: parsed[0]) }
    var order = RequestOrder(urls: parsed)
    order.host = options.host
    order.keys = keys
    order.popularity = zipf.map { .zipf($0) } ?? .uniform
    if let rangeBytes { order.range = try RangeOrder(length: rangeBytes, within: rangeWithin) }
    for field in header { order.fields.append(try LoadHit.field(field)) }
    return order
  }

  private static func field(_ text: String) throws(LoadError) -> (name: String, value: String) {
    guard let colon = text.firstIndex(of: ":"), colon > text.startIndex,
      text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
    else { throw .usage("\"\(text)\" is no field: write \"Name: value\"") }
    let value = text[text.index(after: colon)...].drop { $0 == " " }
    return (String(text[..<colon]), String(value))
  }

  private static func read(_ path: String) throws(LoadError) -> String {
    guard let file = fopen(path, "r") else {
      throw .usage("\(path): \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
