import Wire

/// Response heads: pieces do not change the meaning, and framing follows its own rules.
enum ResponseHeadProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count > 0, bytes.count <= 2 * WireLimits.headMax else { return }
    let method: Wire.Method = bytes[0] & 1 == 0 ? .get : .head
    let rest = Array(bytes[1...])
    let whole = outcome(rest, method, pieces: bytes.count)
    precondition(
      outcome(rest, method, pieces: 1 + bytes.count / 7) == whole, "pieces change the meaning")
    if bytes.count < 512 {
      precondition(outcome(rest, method, pieces: 1) == whole, "bytes change it")
    }
    guard case .head(let status, let framing, let keepAlive, let used, let fields) = whole else {
      return
    }
    precondition((100...599).contains(status) && status != 101 && used <= rest.count)
    if framing == .untilClose {
      precondition(!keepAlive, "the end of the connection ends the body")
    }
    if method == .head || status < 200 || status == 204 || status == 304 {
      precondition(framing == .none, "this answer has no body")
    } else {
      precondition(framing != .none, "this answer has a body")
    }
    let again = outcome(rewritten(status, fields), method, pieces: Int.max)
    guard case .head(let status2, let framing2, _, _, let fields2) = again else {
      preconditionFailure("written anew, refused")
    }
    precondition(status2 == status && framing2 == framing && fields2 == fields)
  }

  private enum Outcome: Equatable {
    case head(
      status: UInt16, framing: BodyFraming, keepAlive: Bool, used: Int, fields: [[[UInt8]]])
    case incomplete
    case refused
  }

  /// Version 1.1 whatever it was: the fields decide the framing in both.
  private static func rewritten(_ status: UInt16, _ fields: [[[UInt8]]]) -> [UInt8] {
    var text = Array("HTTP/1.1 \(status)\r\n".utf8)
    for field in fields { text += field[0] + [0x3A] + field[1] + [0x0D, 0x0A] }
    return text + [0x0D, 0x0A]
  }

  private static func outcome(_ bytes: [UInt8], _ method: Wire.Method, pieces size: Int) -> Outcome
  {
    var parser = ResponseHeadParser()
    var head = ResponseHead()
    var end = 0
    repeat {
      end = size >= bytes.count - end ? bytes.count : end + size
      let piece = Array(bytes[..<end])
      do throws(HeadError) {
        if let used = try parser.parse(piece.span, requestMethod: method, into: &head) {
          var fields: [[[UInt8]]] = []
          for index in 0..<head.fields.count {
            let field = head.fields[index]
            fields.append([
              Array(piece[Int(field.name.start)..<field.name.end]),
              Array(piece[Int(field.value.start)..<field.value.end]),
            ])
          }
          return .head(
            status: head.status, framing: head.framing, keepAlive: head.keepAlive, used: used,
            fields: fields)
        }
      } catch {
        return .refused
      }
    } while end < bytes.count
    return .incomplete
  }
}
