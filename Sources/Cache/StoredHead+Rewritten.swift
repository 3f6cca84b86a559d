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
