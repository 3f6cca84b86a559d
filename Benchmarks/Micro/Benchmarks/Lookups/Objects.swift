import Bytes
import Glibc
import Store

/// A million stored objects, made once for all samples.
enum Objects {
  static let count = 1_000_000

  /// Hashes in an order without pattern, from a place of their own at each use.
  struct Hashes {
    let seed: UInt64
    var random: RandomSource

    init(seed: UInt64) {
      self.seed = seed
      random = RandomSource(seed: Instant.read().nanoseconds.magnitude)
    }

    mutating func next() -> Hash128 {
      hash(number: random.next() % UInt64(Objects.count), seed: seed)
    }
  }

  /// Hashes that are stored.
  static var known: Hashes { Hashes(seed: 1) }
  /// Hashes that are not.
  static var strangers: Hashes { Hashes(seed: 2) }

  /// The directory, filled.
  static let directory: Directory = {
    let directory = Directory()
    for number in 0..<UInt64(count) {
      directory.insert(hash(number: number, seed: 1), volume: 0, zone: UInt32(number % 1000))
    }
    directory.finishFilling()
    return directory
  }()

  /// The index, committed.
  static let index = Result { try makeIndex() }

  private static func makeIndex() throws -> Index {
    var template = Array("/tmp/spillway-lookups-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no folder for the index") }
    let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
    let folder = String(decoding: bytes, as: UTF8.self)
    let index = try Index(directory: folder)
    for batch in 0..<UInt64(count / 1000) {
      try index.apply((batch * 1000..<(batch + 1) * 1000).map { change($0) })
    }
    // Nobody finds the files any more, and they are gone with the process.
    unlink("\(folder)/data.mdb")
    unlink("\(folder)/lock.mdb")
    rmdir(folder)
    return index
  }

  static func hash(number: UInt64, seed: UInt64) -> Hash128 {
    var source = RandomSource(seed: number << 8 | seed)
    return Hash128(low: source.next(), high: source.next())
  }

  private static func change(_ number: UInt64) -> IndexChange {
    let place = Place(
      volume: 0, zone: UInt32(number % 1000), epoch: 1, sector: UInt32(number), length: 5000)
    return .put(
      hash: hash(number: number, seed: 1), number: 0,
      .object(
        ObjectRecord(
          objectID: number, serial: number, place: place, bodyLength: 4000, unit: 1 << 20,
          flags: .inline, usableUntil: WallTime(milliseconds: 1_751_328_000_000))))
  }
}
