import Wire

/// Range and Content-Range: what is asked for is what the answer's parts hold, each within bounds
/// and apart from the others, and what is written is read alike.
enum RangeProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count > 1, bytes.count <= 4096 else { return }
    let text = Array(bytes[1...])
    if bytes[0] % 2 == 0 { checkRange(text) } else { checkContentRange(text) }
  }

  private static func checkRange(_ text: [UInt8]) {
    guard let request = RangeRequest(text.span) else { return }
    precondition(request.count > 0 && request.count <= WireLimits.rangesMax)
    for length in [0, 1, 2, 1000, 100_000, 1 << 53, UInt64.max] {
      switch request.resolve(length: length) {
      case .satisfiable(let range): checkPart(range, of: length)
      case .several(let ranges): checkParts(ranges, asked: request, length: length)
      case .unsatisfiable, .ignore: break
      }
    }
  }

  private static func checkPart(_ range: ResolvedRange, of length: UInt64) {
    precondition(range.first <= range.last && range.last < length)
    precondition(range.length > 0 && range.length <= length)
  }

  /// The range at `index`, asked for alone.
  private static func alone(_ index: Int, of request: RangeRequest) -> RangeRequest? {
    let text =
      switch request[index] {
      case .closed(let first, let last): "bytes=\(first)-\(last)"
      case .from(let first): "bytes=\(first)-"
      case .openEnded(let first): "bytes=\(first)-\(RangeRequest.openEndedLast)"
      case .suffix(let length): "bytes=-\(length)"
      }
    let bytes = Array(text.utf8)
    return RangeRequest(bytes.span)
  }

  /// Parts lie apart, are no more than was asked for, and are as long as is said beforehand.
  private static func checkParts(
    _ ranges: ResolvedRanges, asked: RangeRequest, length: UInt64
  ) {
    precondition(ranges.count > 1 && ranges.count <= asked.count && ranges.length <= length)
    for index in 0..<ranges.count {
      checkPart(ranges[index], of: length)
      for other in 0..<index {
        let (low, high) =
          ranges[index].first < ranges[other].first
          ? (ranges[index], ranges[other]) : (ranges[other], ranges[index])
        precondition(high.first > low.last)
        precondition(high.first - low.last > WireLimits.rangesGapMin)
      }
    }
    for index in 0..<asked.count {
      guard case .satisfiable(let wanted) = alone(index, of: asked)?.resolve(length: length) else {
        continue
      }
      let isHeld = (0..<ranges.count).contains {
        ranges[$0].first <= wanted.first && wanted.last <= ranges[$0].last
      }
      precondition(isHeld, "what was asked for is in no part")
    }
    let layout = MultipartRanges(ranges, length: length, contentTypeCount: 9, boundary: 1)
    guard ranges.length < 1 << 60 else { return }
    let type = Array("video/mp4".utf8)
    var total: UInt64 = 0
    for index in 0..<layout.pieceCount {
      switch layout.piece(at: index) {
      case .head(let part):
        total += UInt64(
          written { layout.appendHead(of: part, contentType: type.span, to: &$0) }.count)
      case .bytes(let range): total += range.length
      case .end: total += UInt64(written { layout.appendEnd(to: &$0) }.count)
      }
    }
    precondition(total == layout.contentLength, "a length that is not that of the body")
  }

  private static func checkContentRange(_ text: [UInt8]) {
    guard let range = ContentRange(text.span) else { return }
    let again = written { $0.append(contentRange: range) }
    precondition(ContentRange(again.span) == range, "written anew, it means something else")
    if let part = range.range, let length = range.length { precondition(part.last < length) }
  }
}
