/// Walks the tags and texts of an XML document that lies in one piece.
///
/// Takes and refuses what `ManifestReader` does, which walks a document in pieces: comments and
/// instructions are passed over, a declaration, of which a document type is one, is broken.
struct XMLPieces {
  enum Piece {
    /// Between `<` and `>`.
    case tag(Range<Int>)
    /// Between tags, with all entities in it.
    case text(Range<Int>)
    /// In a CDATA section.
    case data(Range<Int>)
    case broken
  }

  private var position = 0

  /// The next piece; `nil` at the end.
  mutating func next(in body: Span<UInt8>) -> Piece? {
    while position < body.count {
      let start = position
      if body[start] != UInt8(ascii: "<") {
        while position < body.count, body[position] != UInt8(ascii: "<") { position += 1 }
        return .text(start..<position)
      }
      let rest = body.from(start + 1)
      if rest.starts(with: "?") {
        guard pass("?>", from: start + 2, in: body) != nil else { return .broken }
      } else if rest.starts(with: "!--") {
        guard pass("-->", from: start + 4, in: body) != nil else { return .broken }
      } else if rest.starts(with: "![CDATA[") {
        guard let end = pass("]]>", from: start + 9, in: body) else { return .broken }
        return .data((start + 9)..<end)
      } else {
        return tag(from: start + 1, in: body)
      }
    }
    return nil
  }

  /// Moves behind the next `closer`; the place where it begins, or `nil` where there is none.
  private mutating func pass(_ closer: StaticString, from start: Int, in body: Span<UInt8>) -> Int?
  {
    var index = start
    while index < body.count {
      if body.from(index).starts(with: closer) {
        position = index + closer.utf8CodeUnitCount
        return index
      }
      index += 1
    }
    return nil
  }

  private mutating func tag(from start: Int, in body: Span<UInt8>) -> Piece {
    guard start < body.count, body[start] != UInt8(ascii: "!") else { return .broken }
    let end = min(body.count, start + StreamsLimits.manifestTagBytesMax + 1)
    var quote: UInt8 = 0
    for index in start..<end {
      let byte = body[index]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == UInt8(ascii: ">") {
        position = index + 1
        return .tag(start..<index)
      } else if byte == UInt8(ascii: "<") {
        return .broken
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      }
    }
    return .broken
  }
}
