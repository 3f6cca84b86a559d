/// What the index says about itself: its format, and the volumes it was built of.
enum IndexAbout {
  /// The key of the format's number.
  static let format: [UInt8] = Array("format".utf8)
  /// The key of the volumes' ids.
  static let volumes: [UInt8] = Array("volumes".utf8)
  /// The number of the format that this version writes: 1.
  static let formatBytes: [UInt8] = [1, 0, 0, 0]

  /// The ids of volumes as they are kept: 8 bytes each, little-endian, in the order of numbers.
  static func bytes(of volumes: [UInt64]) -> [UInt8] {
    volumes.flatMap { id in (0..<8).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) } }
  }
}
