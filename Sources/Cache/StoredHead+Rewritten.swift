internal import Bytes
public import Wire

extension StoredHead {
  /// The node wrote the body anew: what the origin said of its own bytes goes, and a strong tag of
  /// the new ones comes in its place (RFC 9110 section 8.8.1).
  ///
  /// - Parameter body: What is sent.
  public mutating func becomeRewritten(_ body: [UInt8]) {
    let old = self
    removeLines()
    for line in old.lines {
      let name = old.block.span.slice(line.name)
      switch line.token {
      case .etag, .lastModified: continue
      case .other where StoredHead.isDigest(name): continue
      default: append(line.token, name: name, value: old.block.span.slice(line.value))
      }
    }
    let hash = Hash128(of: body.span)
    let digits = String(hash.high, radix: 16)
    add(.etag, "\"" + String(repeating: "0", count: 16 - digits.count) + digits + "\"")
  }

  /// Whether the origin wants its bytes as they are (RFC 9111 section 5.2.2.6).
  public var forbidsTransform: Bool { lists("no-transform", in: .cacheControl) }

  /// What is sent depends on the codings that the viewer takes (RFC 9110 section 12.5.5).
  public mutating func varyByCoding() {
    if lists("Accept-Encoding", in: .vary) || lists("*", in: .vary) { return }
    guard let line = first(.vary) else { return add(.vary, "Accept-Encoding") }
    replaceFirst(.vary, with: block[Int(line.start)..<line.end] + Array(", Accept-Encoding".utf8))
  }

  /// The head of the same in gzip: under a tag of its own, without digests of other bytes
  /// (RFC 9110 section 8.8.3.3).
  var inGzip: StoredHead {
    var coded = self
    coded.removeLines()
    for line in lines {
      let name = block.span.slice(line.name)
      var value = Array(block[Int(line.value.start)..<line.value.end])
      if line.token == .other, StoredHead.isDigest(name) { continue }
      // A weak tag compares weakly whatever the coding.
      if line.token == .etag, value.first == UInt8(ascii: "\""), value.count > 1 {
        value.insert(contentsOf: "-gzip".utf8, at: value.count - 1)
      }
      coded.append(line.token, name: name, value: value.span)
    }
    coded.lastModified = lastModified
    coded.add(.contentEncoding, "gzip")
    return coded
  }

  private func lists(_ word: StaticString, in token: FieldName) -> Bool {
    for line in lines where line.token == token {
      var list = TokenList(line.value)
      while let element = list.next(in: block.span) {
        if block.span.slice(element).equalsIgnoringCase(word) { return true }
      }
    }
    return false
  }

  /// The first field of this name says something else from now on.
  ///
  /// - Parameters:
  ///   - token: Which field; others stay as they are.
  ///   - value: What it says, without controls.
  public mutating func replaceFirst(_ token: FieldName, with value: [UInt8]) {
    let old = self
    let place = first(token)
    removeLines()
    for line in old.lines {
      let isIt = line.value == place && line.token == token
      append(
        line.token, name: old.block.span.slice(line.name),
        value: isIt ? value.span : old.block.span.slice(line.value))
    }
    lastModified = old.lastModified
  }

  /// Content-MD5, and the digests of RFC 9530 and RFC 3230.
  private static func isDigest(_ name: Span<UInt8>) -> Bool {
    for field in ["Content-MD5", "Content-Digest", "Repr-Digest", "Digest"]
    where name.equalsIgnoringCase(field.utf8Span.span) { return true }
    return false
  }
}
