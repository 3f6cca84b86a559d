internal import Bytes
internal import Wire

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

  /// Content-MD5, and the digests of RFC 9530 and RFC 3230.
  private static func isDigest(_ name: Span<UInt8>) -> Bool {
    for field in ["Content-MD5", "Content-Digest", "Repr-Digest", "Digest"]
    where name.equalsIgnoringCase(field.utf8Span.span) { return true }
    return false
  }
}
