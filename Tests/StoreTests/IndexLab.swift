import Bytes
import Glibc
import Store
import Testing

/// A folder for one test, gone with it; the index lies in a folder below.
final class IndexLab {
  let root: String

  /// Where the index lies.
  var directory: String { "\(root)/cache.index" }
  /// The file that LMDB keeps its pages in.
  var dataFile: String { "\(directory)/data.mdb" }

  init() {
    var template = Array("/tmp/spillway-index-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no folder for a test") }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["data.mdb", "lock.mdb"] {
      unlink("\(directory)/\(name)")
      unlink("\(root)/copy/\(name)")
    }
    rmdir("\(root)/copy")
    rmdir(directory)
    rmdir(root)
  }

  func open(mapBytes: Int = 1 << 30) throws -> Index {
    try Index(directory: directory, mapBytes: mapBytes)
  }

  /// The error of opening the index, if there is one.
  func refusal() -> StoreError.Kind? {
    do throws(StoreError) {
      _ = try Index(directory: directory, mapBytes: 1 << 30)
      return nil
    } catch {
      return error.kind
    }
  }

  func read(_ path: String? = nil) throws -> [UInt8] {
    let file = try #require(fopen(path ?? dataFile, "r"))
    defer { fclose(file) }
    var facts = stat()
    fstat(fileno(file), &facts)
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    #expect(fread(&bytes, 1, bytes.count, file) == bytes.count)
    return bytes
  }

  func write(_ bytes: [UInt8], to path: String? = nil) throws {
    let file = try #require(fopen(path ?? dataFile, "w"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }

  /// An index as the power would leave it now, beside the one that is open.
  func copyAfterCrash() throws -> Index {
    mkdir("\(root)/copy", 0o755)
    try write(read(), to: "\(root)/copy/data.mdb")
    return try Index(directory: "\(root)/copy", mapBytes: 1 << 30)
  }
}

/// What an operation of the store fails with; `nil` when it does not.
func failure(_ operation: () throws(StoreError) -> Void) -> StoreError.Kind? {
  do throws(StoreError) {
    try operation()
    return nil
  } catch {
    return error.kind
  }
}

extension Hash128 {
  /// A hash of test number `number`, mixed as real ones are.
  static func test(_ number: UInt64) -> Hash128 {
    var source = RandomSource(seed: number)
    return Hash128(low: source.next(), high: source.next())
  }
}

extension Place {
  static func test(zone: UInt32 = 3, epoch: UInt32 = 7, sector: UInt32 = 9) -> Place {
    Place(volume: 1, zone: zone, epoch: epoch, sector: sector, length: 5000)
  }
}

extension IndexRecord {
  static func object(id: UInt64 = 1, serial: UInt64, place: Place = .test()) -> IndexRecord {
    .object(
      ObjectRecord(
        objectID: id, serial: serial, place: place, bodyLength: 3 << 20, unit: 1 << 20, flags: [],
        usableUntil: WallTime(milliseconds: 1_751_328_000_000)))
  }

  static func body(id: UInt64 = 1, serial: UInt64, place: Place = .test()) -> IndexRecord {
    .body(BodyRecord(objectID: id, serial: serial, place: place, length: 1 << 20))
  }

  static func vary(_ rule: String, serial: UInt64, place: Place = .test()) throws -> IndexRecord {
    .vary(try #require(VaryRecord(rule: Array(rule.utf8), serial: serial, place: place)))
  }
}
