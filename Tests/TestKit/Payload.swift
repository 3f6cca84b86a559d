import Glibc

/// Bodies that can be told apart: every byte depends on name, version and place.
public enum Payload {
  /// `count` bytes of version `version` of `name`.
  public static func bytes(_ name: String, count: Int, version: Int = 1) -> [UInt8] {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325 ^ (UInt64(truncatingIfNeeded: version) << 32)
    for byte in name.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      withUnsafeBytes(of: state) { bytes.append(contentsOf: $0) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Whether two bodies are the same; as fast in a debug build as in a release.
  public static func areSame(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count, !left.isEmpty else { return left.count == right.count }
    return left.withUnsafeBytes { first in
      right.withUnsafeBytes { second in
        guard let a = first.baseAddress, let b = second.baseAddress else { return false }
        return memcmp(a, b, first.count) == 0
      }
    }
  }
}
