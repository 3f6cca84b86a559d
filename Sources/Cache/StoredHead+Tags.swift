internal import Bytes
public import Wire

// The tags that purges name: Surrogate-Key is split at spaces, Cache-Tag at commas.
extension StoredHead {
  /// The tags of an arriving answer.
  public static func tags(of head: borrowing ResponseHead, bytes: Span<UInt8>) -> [[UInt8]] {
    var tags: [[UInt8]] = []
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      guard field.token == .surrogateKey || field.token == .cacheTag else { continue }
      split(bytes.slice(field.value), into: &tags)
    }
    return tags
  }

  /// The tags that this head states; `nil` where it has no such field.
  var tags: [[UInt8]]? {
    var tags: [[UInt8]] = []
    var hasField = false
    for line in lines where line.token == .surrogateKey || line.token == .cacheTag {
      hasField = true
      StoredHead.split(block.span.slice(line.value), into: &tags)
    }
    return hasField ? tags : nil
  }

  private static func split(_ value: Span<UInt8>, into tags: inout [[UInt8]]) {
    var tag: [UInt8] = []
    for offset in value.indices {
      let byte = value[offset]
      if byte != UInt8(ascii: ","), !byte.isSpace {
        tag.append(byte)
      } else if !tag.isEmpty {
        tags.append(tag)
        tag = []
      }
    }
    if !tag.isEmpty { tags.append(tag) }
  }
}
