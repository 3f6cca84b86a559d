internal import Wire

/// How far the answer on a connection has come.
///
/// Heads are parsed in place in the bytes that were read, bodies counted and shown where they lie:
/// a tool that copied what it measures would measure itself.
struct Answer: ~Copyable {
  /// What a piece of input meant.
  enum Step: Equatable {
    /// More bytes are needed.
    case more
    /// The head is complete: the caller's.
    case head
    /// Some of the body lies here; there may be more in the same bytes.
    case body(Range<Int>)
    /// The answer is complete.
    case end
    /// The answer is no HTTP, or another answer began where none was asked for.
    case malformed
  }

  private enum Place: Equatable {
    case head
    case length(UInt64)
    case chunked
    case untilClose
    case over
  }

  private var parser = ResponseHeadParser()
  private var decoder = ChunkedDecoder()
  private var place = Place.over
  /// Bytes of the body so far, chunk sizes not counted.
  private(set) var bodyBytes: UInt64 = 0
  /// The connection may carry another request.
  private(set) var keepsAlive = true
  /// Where in the bytes the head began whose end was found last.
  private(set) var headStart = 0

  /// A request was sent: its answer is awaited.
  mutating func begin() {
    place = .head
    bodyBytes = 0
    decoder = ChunkedDecoder()
  }

  /// Whether the end of the connection is the proper end of the answer.
  var mayEndHere: Bool { place == .untilClose }

  /// Whether nothing of the answer has come.
  var isUnanswered: Bool { place == .head && parser.isIdle }

  /// Goes on in `bytes` from `position`, which is moved behind what was used.
  ///
  /// A head has to lie whole in `bytes` from `position`; until it does nothing is used.
  mutating func next(
    _ bytes: Span<UInt8>, at position: inout Int, head: inout ResponseHead
  ) -> Step {
    switch place {
    case .head: return readHead(bytes, at: &position, head: &head)
    case .length(let left):
      guard left > 0 else {
        place = .over
        return .end
      }
      let count = UInt64(min(left, UInt64(bytes.count &- position)))
      guard count > 0 else { return .more }
      place = .length(left &- count)
      return body(Int(count), at: &position)
    case .chunked: return readChunks(bytes, at: &position)
    case .untilClose:
      guard position < bytes.count else { return .more }
      return body(bytes.count &- position, at: &position)
    case .over: return position < bytes.count ? .malformed : .more
    }
  }

  private mutating func body(_ count: Int, at position: inout Int) -> Step {
    let start = position
    position &+= count
    bodyBytes &+= UInt64(count)
    return .body(start..<position)
  }

  private mutating func readHead(
    _ bytes: Span<UInt8>, at position: inout Int, head: inout ResponseHead
  ) -> Step {
    do throws(HeadError) {
      let rest = bytes.extracting(position..<bytes.count)
      guard let used = try parser.parse(rest, requestMethod: .get, into: &head) else {
        return .more
      }
      headStart = position
      position &+= used
    } catch {
      return .malformed
    }
    if head.isInterim { return readHead(bytes, at: &position, head: &head) }
    keepsAlive = head.keepAlive
    switch head.framing {
    case .none: place = .length(0)
    case .length(let count): place = .length(count)
    case .chunked: place = .chunked
    case .untilClose: place = .untilClose
    }
    return .head
  }

  private mutating func readChunks(_ bytes: Span<UInt8>, at position: inout Int) -> Step {
    do throws(ChunkedError) {
      switch try decoder.next(bytes, at: &position) {
      case .data(let range):
        bodyBytes &+= UInt64(range.count)
        return .body(range)
      case .needMore: return .more
      case .end:
        place = .over
        return .end
      }
    } catch {
      return .malformed
    }
  }
}
