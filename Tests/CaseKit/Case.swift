public import Bytes

/// One case of the tables in `Tests/Cases`: what is asked, answered and expected, in order.
///
/// `Tests/Cases/README.md` has the format. A row of a table is a case too: it is written out into
/// the steps that show it end to end, and keeps what the pure runner asks the policy about.
public struct Case: Sendable {
  /// The file's name.
  public var file = ""
  /// The line of its heading or row.
  public var line = 0
  /// What it shows, as a sentence; for a row its heading and the row itself.
  public var sentence = ""
  /// Where that is written: `RFC 9111 4.2.1`, or the choice that was made.
  public var section = ""
  /// Lines of TOML for the rule of its site.
  public var rules: [String] = []
  /// Who owes what it needs, while it is not there.
  public var pending: String?
  /// It makes no sense in real seconds.
  public var isVirtualOnly = false
  /// What happens.
  public var steps: [Step] = []
  /// The same for a real node, where that differs: nobody waits for an hour.
  public var realSteps: [Step] = []
  /// What a row says about one answer.
  public var row: Row?
}

/// One thing that happens in a case.
public enum Step: Sendable {
  /// Time passes.
  case wait(Milliseconds)
  /// Something is purged: `tag x`, `url /a`, `prefix /a/`, `site`.
  case purge([String], line: Int)
  /// A viewer asks.
  case exchange(Exchange)
}

/// A request, what the origin does about it, and what the viewer must get.
public struct Exchange: Sendable {
  /// Where it begins.
  public var line = 0
  /// How many viewers ask at once.
  public var count = 1
  /// The method.
  public var method = "GET"
  /// The target.
  public var target = "/"
  /// The version of HTTP.
  public var version = "1.1"
  /// The fields of the request.
  public var fields: [String] = []
  /// The body of the request.
  public var body: String?
  /// What the origin does about the requests that it gets, in order.
  public var answers: [OriginAnswer] = []
  /// What the origin must see, in order.
  public var seen: [SeenExpectation] = []
  /// Interim statuses that the viewer must get, in order.
  public var interims: [Int] = []
  /// The status that the viewer must get.
  public var status = 0
  /// How he must get it.
  public var outcome: Outcome?
  /// What its fields must say.
  public var demands: [Demand] = []
  /// Its body.
  public var content: Content?
  /// The transfer must break.
  public var isCut = false

  /// An exchange without content.
  public init() {}
}

/// How an answer came to its viewer.
public enum Outcome: String, Sendable, CaseIterable {
  /// The origin was not asked; the answer is a stored one, and fresh.
  case hit
  /// The origin was asked once, without a condition, and its answer was given.
  case miss
  /// The origin was asked once, under a condition, answered 304, and the stored answer was given.
  case validated
  /// The origin was asked, however, and its last answer was given.
  case asked
  /// The origin failed or was not asked; a stale answer was given.
  case stale
  /// A stale answer was given at once, and the origin asked behind it.
  case refreshing
  /// The origin was not asked; nothing is said about where the answer came from.
  case unasked
}

/// What an origin does about one request.
public struct OriginAnswer: Sendable {
  /// Whether it answers at all.
  public enum Act: Sendable {
    /// It answers.
    case answers
    /// It takes no connection.
    case refuses
    /// It ends the connection without an answer.
    case closes
    /// It ends the connection in the middle of the body.
    case cuts
  }

  /// Where it is written.
  public var line = 0
  /// Whether it answers at all.
  public var act = Act.answers
  /// The status.
  public var status = 200
  /// The fields.
  public var fields: [String] = []
  /// The body; a text of its own where none is written.
  public var body: String?
  /// Interim answers before it, each with its fields.
  public var interims: [(status: Int, fields: [String])] = []
  /// How long it takes.
  public var delay = Milliseconds.zero
}

/// What the origin must see in one request.
public struct SeenExpectation: Sendable {
  /// Where it is written.
  public var line = 0
  /// The method and the target, if they matter.
  public var request: String?
  /// What its fields must say.
  public var demands: [Demand] = []
}

/// What must be in a body.
public enum Content: Sendable, Equatable {
  /// This text.
  case text(String)
  /// What the origin sent in exchange number so.
  case from(Int)
  /// Several ranges: the text of each Content-Range and the bytes.
  case parts([Part])

  /// One range of several.
  public struct Part: Sendable, Equatable {
    /// `bytes 0-1/10`.
    public var range: String
    /// The bytes.
    public var text: String

    /// A range and its bytes.
    public init(range: String, text: String) {
      self.range = range
      self.text = text
    }
  }
}

/// What a row says about one answer.
public struct Row: Sendable {
  /// What the policy must decide.
  public enum Verdict: Sendable, Equatable {
    /// Fresh for so long, and after that as `then` says.
    case fresh(Milliseconds, source: String?, then: Afterwards?)
    /// Kept, but the origin is asked with a condition.
    case validated
    /// The origin is asked, whatever is kept.
    case asked
    /// Not kept, for this reason if one is given.
    case notStored(String?)
    /// The second request is a hit.
    case hit
    /// The second request goes to the origin.
    case miss
    /// The second request is answered with this status, without the origin.
    case status(Int, Content?, range: String?)
  }

  /// What becomes of a stale answer when the origin answers 503.
  public enum Afterwards: String, Sendable {
    /// It is given.
    case stale
    /// The error is given.
    case error
    /// It is given at once, and the origin asked behind it.
    case refreshing
  }

  /// The target.
  public var target = "/"
  /// Fields of both requests.
  public var request: [String] = []
  /// Fields of the first request alone.
  public var first: [String] = []
  /// The status of the answer.
  public var status = 200
  /// The fields of the answer.
  public var fields: [String] = []
  /// The body of the answer.
  public var body: String?
  /// Fields of the second request alone.
  public var again: [String] = []
  /// What passes between the two.
  public var wait = Milliseconds.zero
  /// What is decided.
  public var verdict = Verdict.asked

  /// A row without content.
  public init() {}
}
