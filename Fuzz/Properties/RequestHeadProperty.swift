import Wire

/// Request heads: however the bytes arrive, they mean the same; what was accepted, written anew,
/// means the same; and every range lies within the head.
enum RequestHeadProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count <= 2 * WireLimits.headMax else { return }
    let whole = outcome(bytes, pieces: bytes.count)
    precondition(outcome(bytes, pieces: 1 + bytes.count / 7) == whole, "pieces change the meaning")
    if bytes.count < 512 {
      precondition(outcome(bytes, pieces: 1) == whole, "bytes change the meaning")
    }
    if case .head(let facts, let used) = whole {
      precondition(used <= bytes.count && facts.fields.count <= WireLimits.fieldsMax)
      let again = outcome(facts.rewritten, pieces: Int.max)
      guard case .head(let second, _) = again else { preconditionFailure("written anew, refused") }
      precondition(second == facts, "written anew, it means something else")
      // Nothing behind the head may change it.
      precondition(outcome(Array(bytes[..<used]), pieces: used) == whole, "what follows matters")
    }
  }

  /// What is left of a head when its layout is taken away.
  private struct Facts: Equatable {
    var method: [UInt8] = []
    var target: [UInt8] = []
    var path: [UInt8] = []
    var query: [UInt8] = []
    var host: [UInt8] = []
    var minorVersion: UInt8 = 1
    var keepAlive = true
    var expectsContinue = false
    var framing = BodyFraming.none
    var fields: [[[UInt8]]] = []
    var hopByHop: [Bool] = []

    init(_ head: borrowing RequestHead, in bytes: [UInt8]) {
      func copy(_ range: ByteRange) -> [UInt8] { Array(bytes[Int(range.start)..<range.end]) }
      method = copy(head.methodText)
      target = copy(head.target.text)
      path = copy(head.target.path)
      query = copy(head.target.query)
      host = copy(head.target.host)
      minorVersion = head.minorVersion
      keepAlive = head.keepAlive
      expectsContinue = head.expectsContinue
      framing = head.framing
      for index in 0..<head.fields.count {
        let field = head.fields[index]
        let name = copy(field.name)
        precondition(FieldName(name.span) == field.token, "a name is recognised in one way only")
        fields.append([name, copy(field.value)])
        hopByHop.append(field.isHopByHop)
      }
    }

    var rewritten: [UInt8] {
      var text = method + [0x20] + target + Array(" HTTP/1.\(minorVersion)\r\n".utf8)
      for field in fields { text += field[0] + [0x3A, 0x09] + field[1] + [0x20, 0x0D, 0x0A] }
      // Two bytes more a field may be too many for the longest heads.
      return text.count > WireLimits.headMax - 2 ? tight : text + [0x0D, 0x0A]
    }

    private var tight: [UInt8] {
      var text = method + [0x20] + target + Array(" HTTP/1.\(minorVersion)\r\n".utf8)
      for field in fields { text += field[0] + [0x3A] + field[1] + [0x0D, 0x0A] }
      return text + [0x0D, 0x0A]
    }
  }

  private enum Outcome: Equatable {
    case head(Facts, used: Int)
    case incomplete
    case refused
  }

  private static func outcome(_ bytes: [UInt8], pieces size: Int) -> Outcome {
    var parser = RequestHeadParser()
    var head = RequestHead()
    var end = 0
    repeat {
      end = size >= bytes.count - end ? bytes.count : end + size
      let piece = Array(bytes[..<end])
      do throws(HeadError) {
        if let used = try parser.parse(piece.span, into: &head) {
          return .head(Facts(head, in: piece), used: used)
        }
      } catch {
        return .refused
      }
    } while end < bytes.count
    return .incomplete
  }
}
