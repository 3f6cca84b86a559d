import Bytes
import Glibc
import Store
import Testing

/// A file in a temporary folder that a volume may be made of.
private final class VolumeFile {
  let path: String
  let disk = FaultyDisk()

  init(in folder: String = "/tmp") throws {
    var template = Array("\(folder)/spillway-volume-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    guard file >= 0 else { throw StoreError(code: errno, operation: "mkstemp") }
    Glibc.close(file)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { unlink(path) }

  func open(bytes: UInt64 = 17 << 20) throws(StoreError) -> Volume {
    try Volume.open(path: path, bytes: bytes, number: 0, disk: disk)
  }

  func refusal(bytes: UInt64 = 17 << 20) -> StoreError.Kind? {
    do throws(StoreError) {
      _ = try open(bytes: bytes)
      return nil
    } catch {
      return error.kind
    }
  }

  func write(_ bytes: [UInt8], at offset: Int = 0) {
    let file = Glibc.open(path, O_RDWR)
    defer { Glibc.close(file) }
    pwrite(file, bytes, bytes.count, off_t(offset))
  }

  func read(_ count: Int) -> [UInt8] {
    let file = Glibc.open(path, O_RDONLY)
    defer { Glibc.close(file) }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(file, &bytes, count, 0)
    return Array(bytes.prefix(max(0, got)))
  }
}

@Suite struct `A volume` {
  @Test func `is made of an empty file and found again`() throws {
    let file = try VolumeFile()

    let id = try file.open().id
    let again = try file.open()

    #expect(again.id == id)
    #expect(!again.isNew)
    #expect(again.zoneCount == 4)
    #expect(again.zoneBytes == 4 << 20)
    #expect(again.bytes == 17 << 20)
  }

  @Test func `is made anew for another size`() throws {
    let file = try VolumeFile()
    let id = try file.open().id

    let again = try file.open(bytes: 40 << 20)

    #expect(again.id != id)
    #expect(again.isNew)
    #expect(again.bytes == 40 << 20)
    #expect(again.formerBytes == 17 << 20)
  }

  @Test func `has zones of a sixty-fourth of it within bounds`() throws {
    let file = try VolumeFile()

    let volume = try file.open(bytes: 1 << 30)

    #expect(volume.zoneBytes == 16 << 20)
    #expect(volume.zoneCount == 63)
  }

  @Test func `of many zones keeps them all`() throws {
    let file = try VolumeFile()
    // A sparse file: two terabytes cost nothing.
    truncate(file.path, 2 << 40)

    let id = try file.open(bytes: 2 << 40).id
    let again = try file.open(bytes: 2 << 40)

    #expect(again.id == id)
    #expect(again.zoneCount == 8191)
  }

  @Test func `lends its pages only where writing leaves them alone`() throws {
    // A file system on a disk, and one in memory, which takes O_DIRECT but has nothing else to
    // write to than the very pages.
    #expect(try VolumeFile().open().isDirect)
    #expect(try !VolumeFile(in: "/dev/shm").open().isDirect)
  }

  @Test func `is refused where something else lies, and that is left alone`() throws {
    let file = try VolumeFile()
    let photo = Array("a photograph".utf8) + [UInt8](repeating: 9, count: 9000)
    file.write(photo)

    #expect(file.refusal() == .notAVolume)
    #expect(file.read(photo.count + 1) == photo)
    file.write(Array("x".utf8))
    truncate(file.path, 1)
    #expect(file.refusal() == .notAVolume)
  }

  @Test func `is refused when it is too small for four zones`() throws {
    let file = try VolumeFile()

    #expect(file.refusal(bytes: 16 << 20) == .badSize)
    #expect(file.refusal(bytes: 0) == .badSize)
  }

  @Test func `is refused when its file was cut`() throws {
    let file = try VolumeFile()
    _ = try file.open()
    truncate(file.path, 9 << 20)

    #expect(file.refusal() == .badSize)
  }

  @Test func `is opened by one only`() throws {
    let file = try VolumeFile()
    let volume = try file.open()

    #expect(file.refusal() == .inUse)
    #expect(volume.zoneCount == 4)
  }

  @Test func `of a later version is refused`() throws {
    let file = try VolumeFile()
    _ = try file.open()
    var sector = file.read(48)
    sector[8] = 2
    let checksum = sector[..<40].withUnsafeBytes { Checksum.of($0) }
    sector.withUnsafeMutableBytes { $0.storeBytes(of: checksum, toByteOffset: 40, as: UInt64.self) }
    file.write(sector)

    #expect(file.refusal() == .foreignFormat)
  }

  @Test func `whose superblock is torn is made anew`() throws {
    let file = try VolumeFile()
    let id = try file.open().id
    file.write([0xFF, 0xFF], at: 20)

    let volume = try file.open()

    #expect(volume.isNew)
    #expect(volume.id != id)
  }

  @Test(arguments: [ENOSPC, EROFS, EIO, ENODEV])
  func `says why it cannot be made`(code: Int32) throws {
    let file = try VolumeFile()
    file.disk.fail(.allocate, code: code)

    let refusal = file.refusal()
    file.disk.heal()

    #expect(refusal == StoreError(code: code, operation: "").kind)
    #expect(file.refusal() == nil, "the file is closed and unlocked after a failure")
  }

  @Test func `that has no room is refused, and takes none`() throws {
    let file = try VolumeFile()

    let refusal = file.refusal(bytes: 200 << 40)

    #expect(refusal == .noSpace)
    var status = stat()
    #expect(stat(file.path, &status) == 0 && status.st_size == 0 && status.st_blocks == 0)
  }

  @Test func `is whole after a power cut at any step of its making for another size`() throws {
    for remains in FaultyDisk.Remains.allCases {
      for step in 0..<6 {
        let file = try VolumeFile()
        _ = try file.open()
        file.disk.cutPower(atStep: step, leaving: remains, seed: UInt64(step))
        _ = file.refusal(bytes: 40 << 20)

        let volume = try Volume.open(
          path: file.path, bytes: 40 << 20, number: 0, disk: SystemDisk())

        #expect(volume.bytes == 40 << 20)
        #expect(volume.usedZones == 0)
      }
    }
  }

  @Test func `is whole after a power cut at any step of its making`() throws {
    for remains in FaultyDisk.Remains.allCases {
      for step in 0..<8 {
        let file = try VolumeFile()
        file.disk.cutPower(atStep: step, leaving: remains, seed: UInt64(step))
        let wasCut = file.refusal() != nil

        let volume = try Volume.open(
          path: file.path, bytes: 17 << 20, number: 0, disk: SystemDisk())

        #expect(volume.zoneCount == 4)
        #expect(wasCut == (step < 6))
      }
    }
  }
}
