import Bytes
import Cache
import Wire

/// What lies beside an object on a volume: what can be read is written and read again the same, and
/// nothing that is read makes a head that cannot be served.
enum ObjectMetaProperty {
  static func check(_ bytes: [UInt8]) {
    let wall = WallTime(milliseconds: 1_700_000_000_000)
    guard let meta = ObjectMeta(bytes.span, wall: wall) else { return }
    let written = meta.encoded
    guard let again = ObjectMeta(written.span, wall: wall) else {
      preconditionFailure("what was written cannot be read")
    }
    precondition(again.encoded == written, "what was read is written otherwise")
    precondition(again.head.block == meta.head.block)
    precondition(meta.keyText.count <= bytes.count && meta.targetStart < meta.keyText.count)
    for line in meta.head.lines {
      precondition(line.name.end <= meta.head.block.count)
      precondition(line.value.end + 2 <= meta.head.block.count)
    }
  }
}
