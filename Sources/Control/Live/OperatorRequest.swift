/// What an operator asks or orders about live presentations, servers and rules.
public enum OperatorRequest: Equatable, Sendable {
  /// The presentations whose root path matches; all without a pattern.
  case streams(pattern: String)
  /// One presentation, with its timeline.
  case stream(String)
  /// The end of a presentation is passed on whatever twins say, or no longer.
  case end(String, undo: Bool)
  /// A presentation, or with `nil` all that the server's origin has, comes from this server.
  case pin(server: String, stream: String?, undo: Bool)
  /// Fetches and presentations leave a server, or may come back.
  case drain(server: String, undo: Bool)
  /// The rules that can be switched off, with their state.
  case switches
  /// A rule is switched, for one origin or all.
  case set(rule: String, isOn: Bool, origin: String?)

  /// What is wrong and what to write instead.
  typealias Mistake = PurgeRequest.Mistake

  /// The members of the request's body; all are strings.
  var members: [(key: String, value: String)] {
    switch self {
    case .streams(let pattern): [("do", "streams"), ("pattern", pattern)]
    case .stream(let path): [("do", "stream"), ("stream", path)]
    case .end(let path, let undo): [("do", "end"), ("stream", path)] + Self.undone(undo)
    case .pin(let server, let stream, let undo):
      [("do", "pin"), ("server", server)] + (stream.map { [("stream", $0)] } ?? [])
        + Self.undone(undo)
    case .drain(let server, let undo):
      [("do", "drain"), ("server", server)] + Self.undone(undo)
    case .switches: [("do", "switches")]
    case .set(let rule, let isOn, let origin):
      [("do", "set"), ("rule", rule), ("state", isOn ? "on" : "off")]
        + (origin.map { [("origin", $0)] } ?? [])
    }
  }

  private static func undone(_ undo: Bool) -> [(key: String, value: String)] {
    undo ? [("undo", "true")] : []
  }

  /// Reads the members of a request's body; `nil` for anything else.
  init?(_ members: [(key: String, value: String)]) {
    let texts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    let undo = texts["undo"] == "true"
    let known = ["do", "pattern", "stream", "server", "undo", "rule", "state", "origin"]
    guard members.allSatisfy({ known.contains($0.key) }) else { return nil }
    switch (texts["do"], texts["stream"], texts["server"], texts["rule"], texts["state"]) {
    case ("streams", nil, nil, nil, nil): self = .streams(pattern: texts["pattern"] ?? "")
    case ("stream", let path?, nil, nil, nil): self = .stream(path)
    case ("end", let path?, nil, nil, nil): self = .end(path, undo: undo)
    case ("pin", let path, let server?, nil, nil):
      self = .pin(server: server, stream: path, undo: undo)
    case ("drain", nil, let server?, nil, nil): self = .drain(server: server, undo: undo)
    case ("switches", nil, nil, nil, nil): self = .switches
    case ("set", nil, nil, let rule?, let state?) where state == "on" || state == "off":
      self = .set(rule: rule, isOn: state == "on", origin: texts["origin"])
    default: return nil
    }
  }
}

/// The same for people and for programs.
public struct OperatorAnswer: Equatable, Sendable {
  /// Lines.
  public let text: String
  /// One JSON object.
  public let json: String

  /// Takes both.
  public init(text: String, json: String) {
    self.text = text
    self.json = json
  }
}

extension AdminClient {
  /// Asks or orders something about live presentations, servers and rules.
  public func operate(_ request: OperatorRequest, json: Bool) throws(Failure) -> String {
    var writer = JSONWriter()
    writer.object { object in
      for (key, value) in request.members { object.member(key, value) }
    }
    return try ask(
      "POST", json ? "/operate" : "/operate?format=text", body: writer.finish())
  }
}
