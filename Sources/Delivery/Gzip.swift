internal import CZlib

/// Writes bytes in the coding that every player takes (RFC 1952).
enum Gzip {
  /// Level 5 of zlib: a playlist of 20 KB in 0.3 ms, 3 % longer than by level 9 in 0.6 ms.
  private static let level: Int32 = 5

  /// The bytes coded; `nil` where they would be no shorter.
  static func coded(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count <= Int(UInt32.max) else { return nil }
    let coded = unsafe [UInt8](unsafeUninitializedCapacity: bytes.count) { room, count in
      unsafe bytes.withUnsafeBufferPointer { from in
        count = unsafe spillway_gzip(
          from.baseAddress, from.count, room.baseAddress, room.count, level)
      }
    }
    return coded.isEmpty ? nil : coded
  }
}
