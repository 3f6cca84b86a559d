public import Bytes

/// What a scripted origin does about one request, step by step.
public struct ScriptedAnswer: Sendable {
  /// One thing that an origin does.
  public enum Step: Sendable {
    /// Sends bytes as they are.
    case send([UInt8])
    /// Lets time pass.
    case wait(Milliseconds)
    /// Ends the connection in order, after what was sent.
    case finish
    /// Breaks the connection.
    case reset
  }

  /// The steps, in order; after the last one the connection waits for its next request.
  public var steps: [Step]

  /// An answer of these steps.
  public init(steps: [Step]) { self.steps = steps }

  /// Says nothing and keeps the connection.
  public static let never = ScriptedAnswer(steps: [])

  /// A whole answer with Content-Length, in `pieces` that come `every` so often.
  public static func ok(
    _ body: [UInt8], _ fields: String..., status: Int = 200, after delay: Milliseconds = .zero,
    pieces: Int = 1, every: Milliseconds = .zero
  ) -> ScriptedAnswer {
    let head = text(status, fields + ["Content-Length: \(body.count)"])
    return ScriptedAnswer(
      steps: waiting(delay) + [.send(head)] + parts(body, pieces: pieces, every: every))
  }

  /// The same in chunks.
  public static func chunked(
    _ body: [UInt8], _ fields: String..., after delay: Milliseconds = .zero, pieces: Int = 1,
    every: Milliseconds = .zero
  ) -> ScriptedAnswer {
    var steps = waiting(delay) + [.send(text(200, fields + ["Transfer-Encoding: chunked"]))]
    for step in parts(body, pieces: pieces, every: every) {
      if case .send(let bytes) = step {
        steps.append(.send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]))
      } else {
        steps.append(step)
      }
    }
    return ScriptedAnswer(steps: steps + [.send(Array("0\r\n\r\n".utf8))])
  }

  /// The same without a length: the end of the connection ends it.
  public static func untilClose(_ body: [UInt8], _ fields: String...) -> ScriptedAnswer {
    ScriptedAnswer(steps: [.send(text(200, fields)), .send(body), .finish])
  }

  /// A status without a body.
  public static func status(
    _ status: Int, _ fields: String..., after delay: Milliseconds = .zero
  ) -> ScriptedAnswer {
    let length = status == 304 || status == 204 ? [] : ["Content-Length: 0"]
    return ScriptedAnswer(steps: waiting(delay) + [.send(text(status, fields + length))])
  }

  /// Promises the whole body, sends `count` bytes of it and breaks the connection.
  public static func broken(
    _ body: [UInt8], at count: Int, _ fields: String..., byReset: Bool = true,
    after delay: Milliseconds = Milliseconds(50)
  ) -> ScriptedAnswer {
    let head = text(200, fields + ["Content-Length: \(body.count)"])
    return ScriptedAnswer(
      steps: [
        .send(head), .send(Array(body[..<count])), .wait(delay), byReset ? .reset : .finish,
      ])
  }

  /// Bytes that need not be an answer at all.
  public static func raw(_ text: String) -> ScriptedAnswer {
    ScriptedAnswer(steps: [.send(Array(text.utf8))])
  }

  /// This answer, with interim responses before it.
  public func after(interim text: String, wait: Milliseconds = Milliseconds(10)) -> ScriptedAnswer {
    ScriptedAnswer(steps: [.send(Array(text.utf8)), .wait(wait)] + steps)
  }

  /// This answer; then the origin ends the connection.
  public var closing: ScriptedAnswer { ScriptedAnswer(steps: steps + [.finish]) }

  private static func waiting(_ delay: Milliseconds) -> [Step] {
    delay > .zero ? [.wait(delay)] : []
  }

  private static func text(_ status: Int, _ fields: [String]) -> [UInt8] {
    let lines = ["HTTP/1.1 \(status) Scripted"] + fields
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  private static func parts(_ body: [UInt8], pieces: Int, every: Milliseconds) -> [Step] {
    guard !body.isEmpty else { return [] }
    let size = (body.count + pieces - 1) / max(1, pieces)
    var steps: [Step] = []
    var start = 0
    while start < body.count {
      let end = min(body.count, start + size)
      if start > 0, every > .zero { steps.append(.wait(every)) }
      steps.append(.send(Array(body[start..<end])))
      start = end
    }
    return steps
  }
}
