internal import ArgumentParser
internal import Control

/// `spillway explain`: what the cache would do with a request, and why.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain what would happen to a request, each decision with its reason.",
    discussion: """
      It asks the running node, changes nothing and asks no origin. With -c it explains by a \
      configuration alone. With --response it also says what would become of such an answer:

        curl -sI http://origin.example.com/a.mp4 | spillway explain --response - \\
          http://live.example.com/a.mp4
      """)

  @Argument(help: "The URL, as viewers ask for it.")
  var url: String

  @Option(name: [.customShort("H"), .long], help: "A request field, \"Name: value\"; repeatable.")
  var header: [String] = []

  @Option(name: [.customShort("X"), .long], help: "The method.")
  var method = "GET"

  @Option(help: "A file with the head of an answer; \"-\" is standard input.")
  var response: String?

  @Option(
    name: [.customShort("c"), .customLong("config")],
    help: "Explain by this configuration file, without a node.")
  var config: String?

  @OptionGroup var admin: AdminDoor

  func run() throws {
    let answer = try response.map(read) ?? ""
    let fields = header.joined(separator: "\n")
    if let config { return try explain(config, fields: fields, answer: answer) }
    do {
      Terminal.write(
        try AdminClient(socket: admin.socket).explain(
          url: url, method: method, fields: fields, response: answer, json: admin.json))
    } catch {
      throw admin.failed(error)
    }
  }

  private func explain(_ config: String, fields: String, answer: String) throws {
    let verdict = ConfigurationVerdict(file: config)
    guard case .success(let configuration) = verdict.outcome else {
      Terminal.write(verdict.text, to: .error)
      throw Spillway.wrongUsage
    }
    do {
      let request = try ExplainRequest(
        url: url, method: method, fields: fields, response: answer)
      let explanation = try configuration.explain(request)
      Terminal.write(admin.json ? explanation.json : explanation.text)
    } catch {
      throw ValidationError(error.message)
    }
  }

  private func read(_ file: String) throws -> String {
    do {
      return try ExplainRequest.readHead(file)
    } catch {
      throw ValidationError(error.message)
    }
  }
}
