import Wire

/// Chunked bodies: pieces do not change what is decoded, refused or left over; a body that was
/// decoded and encoded anew is the same; and nothing but chunk data is ever data.
enum ChunkedProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count > 0, bytes.count <= 1 << 16 else { return }
    let whole = decode(bytes, pieces: bytes.count)
    precondition(decode(bytes, pieces: 1) == whole, "bytes change the meaning")
    precondition(decode(bytes, pieces: 1 + bytes.count / 5) == whole, "pieces change the meaning")
    precondition(whole.body.count < max(bytes.count, 1), "more body than bytes")
    if whole.end == .ended {
      let again = encoded(whole.body) + [0x58]
      let decoded = decode(again, pieces: 3)
      precondition(decoded.body == whole.body && decoded.end == .ended && decoded.rest == 1)
    }
  }

  private struct Decoded: Equatable {
    enum End: Equatable { case hungry, ended, refused(ChunkedError) }
    var body: [UInt8] = []
    var end = End.hungry
    /// The bytes behind the body's end.
    var rest = 0
  }

  private static func decode(_ bytes: [UInt8], pieces size: Int) -> Decoded {
    var decoder = ChunkedDecoder()
    var result = Decoded()
    var start = 0
    while start < bytes.count {
      let piece = Array(bytes[start..<min(start + size, bytes.count)])
      var position = 0
      var isHungry = false
      while !isHungry {
        do throws(ChunkedError) {
          switch try decoder.next(piece.span, at: &position) {
          case .data(let range):
            precondition(!range.isEmpty && range.upperBound == position)
            result.body += piece[range]
          case .needMore:
            precondition(position == piece.count, "bytes were left though more were asked for")
            isHungry = true
          case .end:
            precondition(decoder.isFinished)
            result.end = .ended
            result.rest = bytes.count - start - position
            return result
          }
        } catch {
          result.end = .refused(error)
          return result
        }
      }
      start += piece.count
    }
    return result
  }

  private static func encoded(_ body: [UInt8]) -> [UInt8] {
    let text =
      body.isEmpty
      ? [] : Array("\(String(body.count, radix: 16))\r\n".utf8) + body + [0x0D, 0x0A]
    return text + Array("0\r\n\r\n".utf8)
  }
}
