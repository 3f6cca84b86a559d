internal import Bytes
internal import Cache
internal import Wire

/// What is sent, in order, of an answer whose body is not one run of one Body: several ranges
/// (multipart/byteranges, RFC 9110 section 14.6), or bytes that lie in several stored pieces.
///
/// Nothing is copied: bytes are pulled from the Bodies that hold them when their turn comes. Made
/// for such answers alone, so that all others pay nothing for it.
final class AnswerPlan {
  /// One thing to send.
  enum Step {
    /// The delimiter and head of this part.
    case head(Int)
    /// Bytes of the representation, from this object.
    case bytes(CachedObject?, ResolvedRange)
    /// The delimiter that ends the body.
    case end
  }

  /// The layout of several ranges; `nil` for one run of bytes.
  let multipart: MultipartRanges?
  /// The Content-Type that every part repeats.
  let contentType: [UInt8]
  /// The length of the body.
  let contentLength: UInt64
  /// The object that the exchange reads or has joined; the plan's turns put others in its place.
  let joined: CachedObject?
  private let steps: [Step]
  private var position = 0

  /// Several ranges of what `head` is the head of; `source` says which objects hold a range.
  init(
    _ ranges: ResolvedRanges, length: UInt64, head: StoredHead, boundary: UInt64,
    joined: CachedObject?, source: (ResolvedRange) -> [(CachedObject?, ResolvedRange)]
  ) {
    let type = head.first(.contentType) ?? .empty
    contentType = Array(head.block[Int(type.start)..<type.end])
    let layout = MultipartRanges(
      ranges, length: length, contentTypeCount: contentType.count, boundary: boundary)
    multipart = layout
    contentLength = layout.contentLength
    self.joined = joined
    var steps: [Step] = []
    for index in 0..<layout.pieceCount {
      switch layout.piece(at: index) {
      case .head(let part): steps.append(.head(part))
      case .bytes(let range): steps += source(range).map { .bytes($0.0, $0.1) }
      case .end: steps.append(.end)
      }
    }
    self.steps = steps
  }

  /// One run of bytes that lie in several objects.
  init(_ sources: [(CachedObject?, ResolvedRange)], joined: CachedObject?) {
    multipart = nil
    contentType = []
    contentLength = sources.reduce(0) { $0 + $1.1.length }
    self.joined = joined
    steps = sources.map { .bytes($0.0, $0.1) }
  }

  /// The next thing to send, once.
  func next() -> Step? {
    guard position < steps.count else { return nil }
    defer { position += 1 }
    return steps[position]
  }
}
