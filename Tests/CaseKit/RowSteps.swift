internal import Bytes

/// A row written out: what shows its verdict end to end.
struct RowSteps {
  private let row: Row
  private let line: Int
  private let isReal: Bool
  private(set) var steps: [Step] = []

  /// No real run waits longer than this for a row.
  static let realWaitMax = Milliseconds.seconds(3)
  /// No virtual run either: the world's clock counts in nanoseconds.
  static let virtualWaitMax = Milliseconds.seconds(400 * 86_400)

  init(row: Row, line: Int, isReal: Bool) {
    self.row = row
    self.line = line
    self.isReal = isReal
    let first = row.request + row.first
    let varies = row.fields.contains { $0.lowercased().hasPrefix("vary:") }
    if varies {
      // A Fill sends no field of its viewer before it knows that the origin looks at it: the first
      // answer that names one may cost a second request.
      ask(.asked, first, .answer) { $0.answers += $0.answers }
    } else {
      ask(.miss, first, .answer)
    }
    if row.wait > .zero { steps.append(.wait(row.wait)) }
    switch row.verdict {
    case .fresh(let length, _, let then): showFresh(length, then)
    case .validated: ask(.validated, row.request + row.again, .notModified)
    case .asked: ask(.asked, row.request + row.again, .answer)
    case .notStored, .miss: ask(.miss, row.request + row.again, .answer)
    case .hit: ask(.hit, row.request + row.again, .none)
    case .status(let status, let content, let range):
      ask(.unasked, row.request + row.again, .none, status: status) { exchange in
        exchange.content = content
        if let range {
          exchange.demands.append(
            Demand(line: line, name: "Content-Range", test: .equals(range)))
        }
      }
    }
  }

  private enum Reply { case none, answer, notModified, failure }

  private mutating func showFresh(_ length: Milliseconds, _ then: Row.Afterwards?) {
    let limit = isReal ? RowSteps.realWaitMax : RowSteps.virtualWaitMax
    let request = row.request + row.again
    if length > limit {
      ask(.hit, request, .none)
      return
    }
    let early = Milliseconds(max(0, length.count - 500))
    if early > .zero { steps.append(.wait(early)) }
    ask(.hit, request, .none)
    steps.append(.wait(.seconds(1)))
    switch then {
    case .none: ask(.asked, request, .answer)
    case .stale: ask(.stale, request, .failure)
    case .error: ask(.asked, request, .failure, status: 503)
    case .refreshing: ask(.refreshing, request, .answer)
    }
  }

  private mutating func ask(
    _ outcome: Outcome, _ fields: [String], _ reply: Reply, status: Int? = nil,
    _ change: (inout Exchange) -> Void = { _ in }
  ) {
    var exchange = Exchange()
    exchange.line = line
    exchange.target = row.target
    exchange.fields = fields
    exchange.outcome = outcome
    exchange.status = status ?? row.status
    var answer = OriginAnswer()
    answer.line = line
    switch reply {
    case .none: break
    case .answer:
      answer.status = row.status
      answer.fields = row.fields
      answer.body = row.body
      exchange.answers = [answer]
    case .notModified:
      answer.status = 304
      answer.fields = row.fields
      exchange.answers = [answer]
    case .failure:
      answer.status = 503
      exchange.answers = [answer]
    }
    change(&exchange)
    steps.append(.exchange(exchange))
  }
}
