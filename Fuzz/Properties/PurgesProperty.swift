import Bytes
import Cache

/// Purges that were written down: what can be taken over can be written and taken over again.
///
/// The input goes without its checksum, which no fuzzer would guess.
enum PurgesProperty {
  static func check(_ bytes: [UInt8]) {
    let log = PurgeLog()
    guard log.restore(sealed(bytes).span, site: index) else { return }
    let written = log.encoded { $0 == 0 ? "a" : "b" }
    let again = PurgeLog()
    precondition(again.restore(written.span, site: index), "what was written cannot be read")
    precondition(again.current >= log.current, "numbers went back")
    precondition(!PurgeLog().restore(bytes.span, site: index) || bytes.count > 8)
  }

  private static func index(of site: String) -> Int? {
    switch site {
    case "a": 0
    case "b": 1
    default: nil
    }
  }

  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    let checksum = Hash128(of: bytes.span).low
    return bytes + (0..<8).map { UInt8(truncatingIfNeeded: checksum >> UInt64(8 * $0)) }
  }
}
