/// The layout of a 206 with several parts: multipart/byteranges (RFC 9110 section 14.6).
///
/// The body is a list of pieces: for each part its head and its bytes, then the end. Heads are
/// written when their turn comes, yet the length of all is known beforehand, so that the answer has
/// a Content-Length. Section 15.3.7.2 wants no Content-Range in the head of such an answer.
public struct MultipartRanges: Equatable, Sendable {
  /// What comes next in the body.
  public enum Piece: Equatable, Sendable {
    /// The delimiter and the head of this part.
    case head(Int)
    /// These bytes of the representation.
    case bytes(ResolvedRange)
    /// The delimiter that ends the body.
    case end
  }

  /// The parts in the order in which they are sent.
  public let ranges: ResolvedRanges
  /// The length of the whole representation.
  public let length: UInt64
  /// The number of bytes of the body, delimiters and heads included.
  public let contentLength: UInt64
  private let boundary: UInt64
  private let contentTypeCount: Int

  /// The characters of the delimiter's text: sixteen hexadecimal digits.
  static let boundaryCount = 16

  /// Lays a body out.
  ///
  /// - Parameters:
  ///   - ranges: Two parts or more.
  ///   - length: The length of the whole representation.
  ///   - contentTypeCount: The length of the stored Content-Type's value; 0 where there is none.
  ///   - boundary: A random number of this answer's own: whoever makes the representation must not
  ///     be able to foresee it, or its bytes could end a part early.
  public init(
    _ ranges: ResolvedRanges, length: UInt64, contentTypeCount: Int, boundary: UInt64
  ) {
    self.ranges = ranges
    self.length = length
    self.contentTypeCount = contentTypeCount
    self.boundary = boundary
    var sum = ranges.length
    for index in 0..<ranges.count {
      let range = ranges[index]
      let digits =
        MultipartRanges.digits(range.first) &+ MultipartRanges.digits(range.last)
        &+ MultipartRanges.digits(length)
      sum &+= UInt64(MultipartRanges.headCount(contentTypeCount, isFirst: index == 0) &+ digits)
    }
    contentLength = sum &+ UInt64(MultipartRanges.endCount)
  }

  /// The number of pieces.
  public var pieceCount: Int { 2 &* ranges.count &+ 1 }

  /// The piece at `index`: heads have even numbers and bytes odd ones.
  public func piece(at index: Int) -> Piece {
    precondition(index >= 0 && index < pieceCount)
    if index == pieceCount &- 1 { return .end }
    return index % 2 == 0 ? .head(index / 2) : .bytes(ranges[index / 2])
  }

  /// Adds the value of the answer's Content-Type: `multipart/byteranges; boundary=...`.
  public func appendContentType(to writer: inout HeadWriter) {
    writer.append("multipart/byteranges; boundary=")
    appendBoundary(to: &writer)
  }

  /// Adds the delimiter and the head of the part at `index`.
  ///
  /// - Parameters:
  ///   - index: The part's number.
  ///   - contentType: The stored Content-Type's value, of the length that was stated; each part
  ///     repeats it (section 14.6 and 15.3.7.2).
  ///   - writer: Where to; `WireLimits.partHeadMax` and the type's length always suffice.
  public func appendHead(
    of index: Int, contentType: Span<UInt8>, to writer: inout HeadWriter
  ) {
    precondition(contentType.count == contentTypeCount)
    writer.append(index == 0 ? "--" : "\r\n--")
    appendBoundary(to: &writer)
    writer.append("\r\n")
    if !contentType.isEmpty { writer.appendField("Content-Type", contentType) }
    writer.append("Content-Range: ")
    writer.append(contentRange: ContentRange(range: ranges[index], length: length))
    writer.append("\r\n\r\n")
  }

  /// Adds the delimiter that ends the body.
  public func appendEnd(to writer: inout HeadWriter) {
    writer.append("\r\n--")
    appendBoundary(to: &writer)
    writer.append("--\r\n")
  }

  private func appendBoundary(to writer: inout HeadWriter) {
    // All digits, whatever the number.
    var shift: UInt64 = 64
    while shift > 0 {
      shift &-= 4
      let digit = UInt8(truncatingIfNeeded: boundary &>> shift) & 15
      writer.append(digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &+ digit &- 10)
    }
  }

  /// The length of a part's head without the digits of its three numbers.
  private static func headCount(_ contentTypeCount: Int, isFirst: Bool) -> Int {
    // "\r\n" "--" boundary "\r\n"; "Content-Type: " type "\r\n"; "Content-Range: bytes -/\r\n\r\n".
    let delimiter = (isFirst ? 0 : 2) &+ 2 &+ boundaryCount &+ 2
    let type = contentTypeCount == 0 ? 0 : 14 &+ contentTypeCount &+ 2
    return delimiter &+ type &+ 15 &+ 6 &+ 2 &+ 4
  }

  /// The length of the delimiter at the end.
  private static var endCount: Int { 2 &+ 2 &+ boundaryCount &+ 2 &+ 2 }

  private static func digits(_ number: UInt64) -> Int {
    var count = 1
    var rest = number / 10
    while rest > 0 {
      count &+= 1
      rest /= 10
    }
    return count
  }
}
