public import Bytes

/// An object that was found.
public struct FoundObject: Sendable {
  /// What the index says of it.
  public var record: ObjectRecord
  /// The hash that is asked for first.
  public var primary: Hash128
  /// Key text and stored head.
  public var meta: [UInt8]
  /// The whole body, where it lies in the head.
  public var inlineBody: [UInt8]?
  /// The fragments of the body, number 1 first; `nil` where a slice is missing.
  public var bodies: [BodyRecord?]
}

/// What a lookup finds.
public enum Found: Sendable {
  /// Nothing, or not all of it.
  case absent
  /// The rule by which the variants of this hash are told apart.
  case vary(VaryRecord)
  /// An object: its head was read and proved, all of its body is there.
  case object(FoundObject)
  /// Its bytes are not those that were written, or cannot be read: remove and count it.
  case damaged
}

/// What became of reading a body fragment.
public enum FragmentRead: Equatable, Sendable {
  /// The bytes are there.
  case read
  /// The zone has another life by now: the object is no more.
  case gone
  /// Its bytes are not those that were written, or cannot be read.
  case damaged
}

/// Finds and reads objects; one thread's own, and it blocks on the disk.
public final class ObjectReader {
  private let volumes: [Volume]
  private let index: IndexReader
  private let buffer = ZoneBuffer(count: ZoneBuffer.fragmentBytesMax)
  private var found: [(number: UInt32, record: BodyRecord)] = []

  init(volumes: [Volume], index: Index) throws(StoreError) {
    self.volumes = volumes
    self.index = try index.reader()
  }

  /// Looks an object up and reads its head.
  ///
  /// - Throws: what the index says, and what a volume says that is not about one place of it: the
  ///   object may be there.
  public func find(_ hash: Hash128) throws(StoreError) -> Found {
    switch try index.record(hash) {
    case nil, .body: return .absent
    case .vary(let rule): return isAlive(rule.place) ? .vary(rule) : .absent
    case .object(let record): return try find(hash, record)
    }
  }

  /// Reads part of a body fragment, from `offset` in its share of the body.
  ///
  /// `bytes`, which take it, end within the fragment. With `proves`, all of the fragment is read
  /// and its checksum compared first; do so once after start.
  public func read(
    _ record: BodyRecord, of hash: Hash128, number: UInt32, from offset: Int,
    into bytes: UnsafeMutableRawBufferPointer, proves: Bool
  ) throws(StoreError) -> FragmentRead {
    precondition(offset >= 0 && offset + bytes.count <= Int(record.length))
    guard let volume = volume(of: record.place) else { return .gone }
    guard proves else {
      let start = volume.bodyOffset(of: record) + UInt64(offset)
      return try unsafe read(volume, record.place, at: start, into: bytes)
    }
    guard Int(record.place.length) <= buffer.count else { return .damaged }
    let all = unsafe buffer.part(at: 0, count: Int(record.place.length))
    let outcome = try unsafe read(
      volume, record.place, at: volume.offset(of: record.place), into: all)
    guard outcome == .read else { return outcome }
    guard let header = sound(record.place, volume), header.hash == hash,
      header.number == number, header.objectID == record.objectID,
      header.dataLength == record.length
    else { return damaged(volume) }
    let part = unsafe buffer.read(at: header.dataStart + offset, count: bytes.count)
    unsafe bytes.copyMemory(from: part)
    return .read
  }

  private func find(_ hash: Hash128, _ record: ObjectRecord) throws(StoreError) -> Found {
    let place = record.place
    guard let volume = volume(of: place) else { return .absent }
    guard Int(place.length) <= buffer.count else { return .damaged }
    let bytes = unsafe buffer.part(at: 0, count: Int(place.length))
    switch try unsafe read(volume, place, at: volume.offset(of: place), into: bytes) {
    case .gone: return .absent
    case .damaged: return .damaged
    case .read: break
    }
    guard let header = sound(place, volume), header.hash == hash, header.number == 0,
      header.objectID == record.objectID, header.totalLength == record.bodyLength,
      header.flags.contains(.inline) == record.flags.contains(.inline)
    else {
      _ = damaged(volume)
      return .damaged
    }
    let isInline = record.flags.contains(.inline)
    guard let bodies = try isInline ? [] : bodies(of: hash, record) else { return .absent }
    return unsafe .object(
      FoundObject(
        record: record, primary: header.primary,
        meta: Array(buffer.read(at: header.metaStart, count: Int(header.metaLength))),
        inlineBody: isInline
          ? Array(buffer.read(at: header.dataStart, count: Int(header.dataLength))) : nil,
        bodies: bodies))
  }

  /// The body fragments of an object; `nil` when one is missing that must be there.
  private func bodies(
    of hash: Hash128, _ record: ObjectRecord
  ) throws(StoreError) -> [BodyRecord?]? {
    guard let count = record.fragmentCount else { return nil }
    let unit = UInt64(record.unit)
    found.removeAll(keepingCapacity: true)
    try index.bodies(hash, from: 1, count: count, into: &found)
    var bodies = [BodyRecord?](repeating: nil, count: count)
    for (number, body) in found where number >= 1 && number <= count {
      let length = min(unit, record.bodyLength - UInt64(number - 1) * unit)
      if body.objectID == record.objectID, UInt64(body.length) == length, isAlive(body.place) {
        bodies[Int(number) - 1] = body
      }
    }
    let mayMiss = record.flags.contains(.sparse)
    return mayMiss || bodies.allSatisfy { $0 != nil } ? bodies : nil
  }

  /// Reads with the zone pinned, so that the bytes are of one life of it.
  private func read(
    _ volume: Volume, _ place: Place, at offset: UInt64,
    into bytes: UnsafeMutableRawBufferPointer
  ) throws(StoreError) -> FragmentRead {
    guard volume.pin(zone: place.zone, epoch: place.epoch) else { return .gone }
    defer { volume.unpin(zone: place.zone) }
    do throws(StoreError) {
      try unsafe volume.disk.read(volume.readFile, at: offset, into: bytes)
    } catch {
      volume.counters.add(to: .readErrors)
      // A bad place costs its object; a device that is gone says nothing about any.
      if error.kind == .io || error.kind == .shortRead { return .damaged }
      throw error
    }
    volume.counters.add(to: .fragmentsRead)
    volume.counters.add(UInt64(bytes.count), to: .bytesRead)
    return .read
  }

  /// The header of the fragment in the buffer, if all of it is what was written there.
  private func sound(_ place: Place, _ volume: Volume) -> FragmentHeader? {
    let bytes = unsafe buffer.read(at: 0, count: Int(place.length))
    guard let header = unsafe FragmentHeader.decode(from: bytes), header.volumeID == volume.id,
      header.epoch == place.epoch, header.length == Int(place.length),
      unsafe header.isSound(bytes)
    else { return nil }
    return header
  }

  private func damaged(_ volume: Volume) -> FragmentRead {
    volume.counters.add(to: .checksumErrors)
    return .damaged
  }

  private func volume(of place: Place) -> Volume? {
    Int(place.volume) < volumes.count ? volumes[Int(place.volume)] : nil
  }

  private func isAlive(_ place: Place) -> Bool { volume(of: place)?.isAlive(place) ?? false }
}
