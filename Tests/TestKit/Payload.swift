import Glibc

/// Bodies that can be told apart: every byte depends on name, version and place.
public enum Payload {
  /// `count` bytes of version `version` of `name`.
  public static func bytes(_ name: String, count: Int, version: Int = 1) -> [UInt8] {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325 ^ (UInt64(truncatingIfNeeded: version) << 32)
    for byte in name.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return Array(unsafeUninitializedCapacity: count) { buffer, filled in
      var place = 0
      while place < count {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var word = state
        let length = min(8, count - place)
        memcpy(buffer.baseAddress! + place, &word, length)
        place += length
      }
      filled = count
    }
  }

  /// Whether two bodies are the same; as fast in a debug build as in a release.
  public static func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count
      && left.withUnsafeBytes { first in
        right.withUnsafeBytes { second in
          first.isEmpty || memcmp(first.baseAddress!, second.baseAddress!, first.count) == 0
        }
      }
  }
}
