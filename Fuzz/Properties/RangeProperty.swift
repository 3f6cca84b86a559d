import Wire

/// Range, Content-Range, dates, entity tags and codings: what is accepted lies within its bounds
/// and is the same when it is written and read again.
enum RangeProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count > 1, bytes.count <= 4096 else { return }
    let text = Array(bytes[1...])
    switch bytes[0] % 4 {
    case 0: checkRange(text)
    case 1: checkContentRange(text)
    case 2: checkDate(text)
    default: checkLists(text)
    }
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

  private static func checkDate(_ text: [UInt8]) {
    guard let date = HTTPDate(text.span, now: 1_763_800_000) else { return }
    let again = written { $0.append(date: date) }
    precondition(again.count == 29)
    precondition(HTTPDate(again.span, now: 0) == date, "written anew, it is another date")
  }

  private static func checkLists(_ text: [UInt8]) {
    let span = text.span
    var list = TokenList(span.wholeRange)
    var end = 0
    while let element = list.next(in: span) {
      precondition(Int(element.start) >= end && !element.isEmpty && element.end <= text.count)
      end = element.end
    }
    let accepted = AcceptEncoding(span)
    precondition(max(accepted.gzip, accepted.brotli, accepted.identity) <= 1000)
    if EntityTag(span) != nil {
      precondition(EntityTag.weakMatch(span, span))
      precondition(EntityTag.ifNoneMatch(span, matches: span))
    }
    var arguments = Arguments(span.wholeRange)
    var last = 0
    while let argument = arguments.next(in: span) {
      precondition(Int(argument.whole.start) >= last && argument.value.end == argument.whole.end)
      last = argument.whole.end
    }
  }

  private static func written(_ write: (inout HeadWriter) -> Void) -> [UInt8] {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
    defer { buffer.deallocate() }
    var writer = HeadWriter(buffer)
    write(&writer)
    precondition(!writer.hasOverflowed)
    return Array(buffer[..<writer.count])
  }
}
