import Wire

/// References: what they name can be asked for, has no dot segments left, and names itself.
///
/// A line feed separates the request's target from the reference.
enum ReferenceProperty {
  static func check(_ text: [UInt8]) {
    let parts = text.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return }
    let reference = Array(parts[1])
    guard let target = resolve(reference, from: Array(parts[0])) else { return }
    precondition(target.first == 0x2F && target.count <= WireLimits.requestLineMax)
    precondition(isRequestTarget(target), "what a reference names cannot be asked for")
    let isOwnPath = reference.isEmpty || reference[0] == 0x3F || reference[0] == 0x23
    guard !isOwnPath else { return }
    let path = target.prefix { $0 != 0x3F }
    for segment in path.split(separator: 0x2F) {
      precondition(segment != [0x2E] && segment != [0x2E, 0x2E], "a dot segment is left")
    }
    let whole = Array("http://edge.example".utf8) + target
    guard whole.count <= WireLimits.requestLineMax else { return }
    precondition(resolve(whole, from: [0x2F]) == target, "named in full it is another")
  }

  private static func resolve(_ reference: [UInt8], from base: [UInt8]) -> [UInt8]? {
    let bytes = Array("GET ".utf8) + base + Array(" HTTP/1.1\r\nHost: edge.example\r\n\r\n".utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    do {
      guard try parser.parse(bytes.span, into: &head) == bytes.count else { return nil }
    } catch {
      return nil
    }
    var output: [UInt8] = [0x58]
    let isOwn = Reference.resolve(
      reference.span, against: head.target, in: bytes.span, isSecure: head.target.isSecure,
      into: &output)
    precondition(output.first == 0x58 && (isOwn || output.count == 1), "the output was touched")
    return isOwn ? Array(output[1...]) : nil
  }

  private static func isRequestTarget(_ target: [UInt8]) -> Bool {
    let bytes = Array("GET ".utf8) + target + Array(" HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    var parser = RequestHeadParser()
    var head = RequestHead()
    do {
      guard try parser.parse(bytes.span, into: &head) == bytes.count else { return false }
    } catch {
      return false
    }
    return head.target.text.count == target.count
  }
}
