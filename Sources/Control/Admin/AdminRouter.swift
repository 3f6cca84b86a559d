internal import Wire

/// What the node does when it is asked through an admin door.
///
/// The closures run on the admin thread, one at a time, and may block for a moment.
public struct AdminActions: Sendable {
  /// Renders `/metrics`.
  public var metrics: @Sendable () -> [UInt8]
  /// Makes the report of `/status`.
  public var status: @Sendable () -> StatusReport
  /// Purges.
  public var purge: @Sendable (PurgeRequest) -> PurgeOutcome
  /// Explains what would happen to a request.
  public var explain: @Sendable (ExplainRequest) -> Explanation
  /// Lists a part of what is stored.
  public var list: @Sendable (CacheQuestion) throws(PurgeRequest.Mistake) -> CachePage
  /// Asks or orders something about live presentations, servers and rules.
  public var operate: @Sendable (OperatorRequest) throws(PurgeRequest.Mistake) -> OperatorAnswer
  /// Whether `/healthz` says that the node takes viewers: `false` while it stops.
  public var isServing: @Sendable () -> Bool

  /// Gathers what the doors need.
  public init(
    metrics: @escaping @Sendable () -> [UInt8], status: @escaping @Sendable () -> StatusReport,
    purge: @escaping @Sendable (PurgeRequest) -> PurgeOutcome,
    explain: @escaping @Sendable (ExplainRequest) -> Explanation,
    list: @escaping @Sendable (CacheQuestion) throws(PurgeRequest.Mistake) -> CachePage,
    operate:
      @escaping @Sendable (OperatorRequest) throws(PurgeRequest.Mistake) -> OperatorAnswer,
    isServing: @escaping @Sendable () -> Bool
  ) {
    self.metrics = metrics
    self.status = status
    self.purge = purge
    self.explain = explain
    self.list = list
    self.operate = operate
    self.isServing = isServing
  }
}

/// Finds the action for a request.
struct AdminRouter: Sendable {
  /// Through which door a request came.
  enum Door: Sendable {
    /// The Unix socket, guarded by file permissions: everything.
    case admin
    /// The metrics address: only what anybody may see.
    case metrics
  }

  let actions: AdminActions

  /// The answer to a request, or to what could not be understood.
  func answer(_ request: AdminRequest, through door: Door) -> AdminAnswer {
    switch (request.path, door) {
    case ("/healthz", _): reading(request) { healthz() }
    case ("/metrics", _):
      reading(request) {
        AdminAnswer(
          status: 200, contentType: PrometheusText.contentType, body: actions.metrics())
      }
    case ("/status", .admin): reading(request) { status(query: request.query) }
    case ("/purge", .admin): purge(request)
    case ("/explain", .admin): explain(request)
    case ("/cache", .admin): reading(request) { list(query: request.query) }
    case ("/operate", .admin): operate(request)
    case (_, .admin):
      .refusal(404, "There is /status, /metrics, /healthz, /purge, /explain, /cache, /operate.")
    case (_, .metrics):
      .refusal(404, "There is /metrics and /healthz; all else is at the admin socket.")
    }
  }

  private func reading(_ request: AdminRequest, _ answer: () -> AdminAnswer) -> AdminAnswer {
    guard request.method == .get || request.method == .head else {
      return .text("Use GET.\n", status: 405, allow: "GET, HEAD")
    }
    return answer()
  }

  private func healthz() -> AdminAnswer {
    actions.isServing() ? .text("ok\n") : .text("stopping\n", status: 503)
  }

  private func status(query: String) -> AdminAnswer {
    switch query {
    case "": .json(actions.status().json)
    case "format=text": .text(actions.status().text)
    default: .refusal(400, "The query may be format=text.")
    }
  }

  /// Takes `prefix=URL`, `limit=N`, `from=CURSOR` and `format=text`: a line for each object, and
  /// one that says where to go on.
  private func list(query: String) -> AdminAnswer {
    guard let (question, isText) = CacheQuestion.read(query) else {
      return .refusal(400, "The query may have prefix, limit, from and format=text.")
    }
    do {
      let text = try actions.list(question).rendered(isText: isText)
      return isText ? .text(text) : .lines(text)
    } catch {
      return .refusal(400, error.message)
    }
  }

  private func purge(_ request: AdminRequest) -> AdminAnswer {
    guard request.method == .post else { return .text("Use POST.\n", status: 405, allow: "POST") }
    let purge: PurgeRequest
    do {
      purge = try Self.purge(in: request.body)
    } catch {
      return .refusal(400, error.message)
    }
    switch actions.purge(purge) {
    case .purged(let sequence):
      var writer = JSONWriter()
      writer.object { $0.member("purge_sequence", sequence) }
      return .json(writer.finish())
    case .notWritten(let sequence):
      return .refusal(
        500,
        "the purge \(sequence) holds now, but could not be written down, and a restart would "
          + "forget it: see the error log, then purge again")
    case .unknownHost:
      return .refusal(404, "no site of this node has this host")
    }
  }

  /// Takes `{"url": "…", "method": "…", "fields": "…", "response": "…"}`; all but the URL may be
  /// left out.
  private func explain(_ request: AdminRequest) -> AdminAnswer {
    guard request.method == .post else {
      return .text("Use POST.\n", status: 405, allow: "POST")
    }
    guard let members = JSONStrings.parse(request.body) else {
      return .refusal(400, "The body is an object of strings: url, method, fields, response.")
    }
    let texts = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    do {
      let explanation = actions.explain(
        try ExplainRequest(
          url: texts["url"] ?? "", method: texts["method"] ?? "", fields: texts["fields"] ?? "",
          response: texts["response"] ?? ""))
      return request.query == "format=text" ? .text(explanation.text) : .json(explanation.json)
    } catch {
      return .refusal(400, error.message)
    }
  }

  /// Takes an object of strings: `do` is `streams`, `stream`, `end`, `pin`, `drain`, `switches` or
  /// `set`, beside it stands what that needs.
  private func operate(_ request: AdminRequest) -> AdminAnswer {
    guard request.method == .post else {
      return .text("Use POST.\n", status: 405, allow: "POST")
    }
    guard let members = JSONStrings.parse(request.body), let order = OperatorRequest(members) else {
      return .refusal(
        400,
        "The body is an object of strings: do, pattern, stream, server, undo, rule, state, "
          + "origin.")
    }
    do {
      let answer = try actions.operate(order)
      return request.query == "format=text" ? .text(answer.text) : .json(answer.json)
    } catch {
      return .refusal(404, error.message)
    }
  }

  /// Reads `{"url": "…"}`, `{"prefix": "…"}` or `{"tag": "…"}`.
  static func purge(in body: [UInt8]) throws(PurgeRequest.Mistake) -> PurgeRequest {
    guard let members = JSONStrings.parse(body), let (key, value) = members.first,
      members.count == 1
    else { throw form }
    switch key {
    case "url": return try PurgeRequest(url: value)
    case "prefix": return try PurgeRequest(prefix: value)
    case "tag": return try PurgeRequest(tag: value)
    default: throw form
    }
  }

  private static let form = PurgeRequest.Mistake(
    message: "The body is {\"url\": …}, {\"prefix\": …} or {\"tag\": …} with one string.")
}
