import Bytes

/// What an origin that knows ranges answers for one version of a body.
public struct RangedAnswer: Sendable {
  /// The whole body.
  public var body: [UInt8]
  /// The ETag, quotes and mark included; `nil` for none.
  public var tag: String?
  /// More fields, of every answer.
  public var fields: [String]
  /// Ranges are answered with the whole.
  public var ignoresRanges = false
  /// A 206 holds at most so many bytes.
  public var partBytesMax = Int.max
  /// A 206 begins so many bytes too late.
  public var shift = 0
  /// A range is answered whatever If-Range says.
  public var ignoresIfRange = false
  /// In how many pieces the bytes are sent.
  public var pieces = 1

  /// The answers for `body`.
  public init(
    _ body: [UInt8], tag: String? = "\"v1\"", _ fields: String...
  ) {
    self.body = body
    self.tag = tag
    self.fields = fields
  }

  /// Answers one request: 206, 304, 416 or 200.
  public func answer(to request: SeenRequest) -> ScriptedAnswer {
    var fields = fields
    if let tag { fields.append("ETag: \(tag)") }
    if let tag, let known = request.field("If-None-Match"), known.contains(tag) {
      return head(304, fields)
    }
    guard let range = request.field("Range"), !ignoresRanges, holds(request.field("If-Range"))
    else { return head(200, fields + ["Content-Length: \(body.count)"], body[...]) }
    guard let part = part(range) else {
      return head(416, fields + ["Content-Range: bytes */\(body.count)", "Content-Length: 0"])
    }
    let place = "Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/\(body.count)"
    return head(206, fields + [place, "Content-Length: \(part.count)"], body[part])
  }

  private func holds(_ condition: String?) -> Bool {
    guard let condition, !ignoresIfRange else { return true }
    return condition == tag && !condition.hasPrefix("W/")
  }

  /// The first range of the field.
  private func part(_ field: String) -> Range<Int>? {
    let ends = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2 else { return nil }
    var first = Int(ends[0]) ?? max(0, body.count - (Int(ends[1]) ?? 0))
    var end = ends[0].isEmpty ? body.count : min(body.count, (Int(ends[1]) ?? body.count) + 1)
    guard first < end else { return nil }
    first = min(first + shift, end - 1)
    end = first + min(end - first, partBytesMax)
    return first..<end
  }

  private func head(
    _ status: Int, _ fields: [String], _ body: ArraySlice<UInt8> = []
  ) -> ScriptedAnswer {
    let lines = ["HTTP/1.1 \(status) Scripted"] + fields
    var steps = [
      ScriptedAnswer.Step.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
    ]
    var rest = body
    let size = max(1, (body.count + pieces - 1) / max(1, pieces))
    while !rest.isEmpty {
      if rest.count < body.count { steps.append(.wait(Milliseconds(50))) }
      steps.append(.send(Array(rest.prefix(size))))
      rest = rest.dropFirst(size)
    }
    return ScriptedAnswer(steps: steps)
  }
}
