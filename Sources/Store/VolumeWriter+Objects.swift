public import Bytes

/// What an object is called, and until when it is of use.
public struct ObjectDraft: Sendable {
  /// The object, or the variant of it.
  public var hash: Hash128
  /// The hash that is asked for first; the same where nothing varies.
  public var primary: Hash128
  /// The rule that variants are told apart by, at most `StoreLimits.varyRuleBytesMax` bytes; empty
  /// where nothing varies.
  public var vary: [UInt8]
  /// After this it need not be kept.
  public var usableUntil: WallTime

  /// Describes an object that does not vary.
  public init(hash: Hash128, usableUntil: WallTime) {
    self.init(hash: hash, primary: hash, vary: [], usableUntil: usableUntil)
  }

  /// Describes a variant of an object.
  public init(hash: Hash128, primary: Hash128, vary: [UInt8], usableUntil: WallTime) {
    precondition(vary.count <= StoreLimits.varyRuleBytesMax, "a vary rule too long to be stored")
    precondition(vary.isEmpty || hash != primary, "a variant needs a hash of its own")
    self.hash = hash
    self.primary = primary
    self.vary = vary
    self.usableUntil = usableUntil
  }
}

/// A long object whose body is being written; nobody finds it before `finish`.
public struct ObjectInProgress: Sendable {
  /// What it is.
  public let draft: ObjectDraft
  /// What its fragments have in common.
  public let objectID: UInt64
  /// Bytes of the body in each fragment but the last.
  public let unit: UInt32
  /// Bytes of the body so far.
  public fileprivate(set) var bodyLength: UInt64 = 0
  let volume: UInt8
  let generation: Int
  fileprivate(set) var fragments: [BodyRecord] = []
}

extension VolumeWriter {
  /// Writes an object with a body of at most `StoreLimits.inlineBodyBytes` in one fragment.
  ///
  /// It is found after the next commit. `fill` writes the body into memory that is just as long,
  /// and may give up: then nothing happened, and the answer is `nil`.
  @discardableResult
  public func insert(
    _ draft: ObjectDraft, meta: Span<UInt8>, bodyLength: Int,
    fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(StoreError) -> ObjectRecord? {
    precondition(bodyLength <= StoreLimits.inlineBodyBytes, "a body too long for one fragment")
    var header = head(draft, flags: .inline, unit: UInt32(StoreLimits.fragmentDataBytesMax))
    header.objectID = .random(in: 1...UInt64.max)
    header.totalLength = UInt64(bodyLength)
    let written = try unsafe append(
      header, vary: draft.vary, meta: meta, dataCount: bodyLength, fill: fill)
    return written.map { stage(draft, header, $0, flags: .inline) }
  }

  /// Writes an object with a short body that lies in one piece.
  @discardableResult
  public func insert(
    _ draft: ObjectDraft, meta: Span<UInt8>, body: Span<UInt8>
  ) throws(StoreError) -> ObjectRecord {
    let record = try unsafe insert(draft, meta: meta, bodyLength: body.count) { memory in
      unsafe body.withUnsafeBytes { bytes in unsafe memory.copyMemory(from: bytes) }
      return true
    }
    guard let record else { preconditionFailure("a copy does not give up") }
    return record
  }

  /// Begins a long object: `append` its body, then `finish` it, or forget it, which is giving up.
  public func beginObject(
    _ draft: ObjectDraft, unit: Int = StoreLimits.fragmentDataBytesMax
  ) -> ObjectInProgress {
    precondition(unit > 0 && unit <= StoreLimits.fragmentDataBytesMax)
    return ObjectInProgress(
      draft: draft, objectID: .random(in: 1...UInt64.max), unit: UInt32(unit),
      volume: volume.number, generation: generation)
  }

  /// Appends the next `count` bytes of a body: `unit` of them, fewer only for the last fragment.
  ///
  /// - Returns: whether `fill` wrote them; if not, nothing happened.
  /// - Throws: `.gone` when earlier fragments were lost, to a failed write or because the writer
  ///   went all around the volume meanwhile: the object cannot be finished. `.badSize` when it
  ///   has `StoreLimits.bodyFragmentsMax` fragments already.
  @discardableResult
  public func append(
    to object: inout ObjectInProgress, count: Int, fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(StoreError) -> Bool {
    precondition(
      object.bodyLength % UInt64(object.unit) == 0 && count > 0 && count <= Int(object.unit),
      "only the last fragment of a body is shorter than the others")
    try checkCurrent(object)
    guard UInt64(object.fragments.count) < StoreLimits.bodyFragmentsMax else {
      throw StoreError(.badSize, operation: "writing an object of too many fragments")
    }
    var header = body(object, offset: object.bodyLength)
    if count < Int(object.unit) {
      header.flags = .sealed
      header.totalLength = object.bodyLength + UInt64(count)
    }
    guard
      let written = try unsafe append(
        header, vary: [], meta: Span<UInt8>(), dataCount: count, fill: fill)
    else { return false }
    object.fragments.append(
      BodyRecord(
        objectID: object.objectID, serial: written.serial, place: written.place,
        length: UInt32(count)))
    object.bodyLength += UInt64(count)
    return true
  }

  /// Appends the next bytes of a body that lie in one piece.
  public func append(
    to object: inout ObjectInProgress, _ bytes: Span<UInt8>
  ) throws(StoreError) {
    try unsafe append(to: &object, count: bytes.count) { memory in
      unsafe bytes.withUnsafeBytes { unsafe memory.copyMemory(from: $0) }
      return true
    }
  }

  /// Writes the head of a long object; it is found, as a whole, after the next commit.
  ///
  /// - Throws: `.gone` as `append` does.
  @discardableResult
  public func finish(
    _ object: ObjectInProgress, meta: Span<UInt8>
  ) throws(StoreError) -> ObjectRecord {
    try checkCurrent(object)
    var header = head(object.draft, flags: [], unit: object.unit)
    header.objectID = object.objectID
    header.totalLength = object.bodyLength
    let written = try appendHead(header, object.draft, meta)
    // Room for the head may have meant the end of a zone.
    try checkCurrent(object)
    for (index, fragment) in object.fragments.enumerated() {
      var record = fragment
      // Older versions may have been carried since, under serials of their own: the head's wins.
      record.serial = written.serial
      changes.append(
        .put(hash: object.draft.hash, number: UInt32(index + 1), .body(record)))
    }
    return stage(object.draft, header, written, flags: [])
  }

  /// Writes the head of an object whose body comes in slices, any of them, by `appendSlice`.
  ///
  /// - Throws: `.badSize` when the body has more than `StoreLimits.bodyFragmentsMax` slices.
  @discardableResult
  public func insertSparse(
    _ draft: ObjectDraft, meta: Span<UInt8>, bodyLength: UInt64, unit: Int
  ) throws(StoreError) -> ObjectRecord {
    precondition(unit > 0 && unit <= StoreLimits.fragmentDataBytesMax)
    guard ObjectRecord.fragmentCount(bodyLength: bodyLength, unit: UInt32(unit)) != nil else {
      throw StoreError(.badSize, operation: "writing an object of too many fragments")
    }
    var header = head(draft, flags: .sparse, unit: UInt32(unit))
    header.objectID = .random(in: 1...UInt64.max)
    header.totalLength = bodyLength
    return stage(draft, header, try appendHead(header, draft, meta), flags: .sparse)
  }

  /// Writes fragment `number` of an object that is stored in slices; found after the next commit.
  ///
  /// - Returns: what will be known of it; `nil` if `fill` did not write it, then nothing happened.
  @discardableResult
  public func appendSlice(
    _ number: UInt32, of record: ObjectRecord, _ draft: ObjectDraft, count: Int,
    fill: (UnsafeMutableRawBufferPointer) -> Bool
  ) throws(StoreError) -> BodyRecord? {
    precondition(record.flags.contains(.sparse) && number > 0, "no object in slices")
    let offset = UInt64(number - 1) * UInt64(record.unit)
    precondition(
      offset < record.bodyLength
        && UInt64(count) == min(UInt64(record.unit), record.bodyLength - offset),
      "a slice is as long as its place in the body")
    var header = FragmentHeader(
      flags: [.sparse, .sealed], hash: draft.hash, primary: draft.primary, unit: record.unit,
      usableUntil: draft.usableUntil)
    header.objectID = record.objectID
    header.number = number
    header.dataOffset = offset
    header.totalLength = record.bodyLength
    guard
      let written = try unsafe append(
        header, vary: [], meta: Span<UInt8>(), dataCount: count, fill: fill)
    else { return nil }
    let body = BodyRecord(
      objectID: record.objectID, serial: written.serial, place: written.place,
      length: UInt32(count))
    changes.append(.put(hash: draft.hash, number: number, .body(body)))
    return body
  }

  /// Writes a new head for an object whose body fragments stay; an inline one is written anew by
  /// `insert`.
  @discardableResult
  public func updateHead(
    of record: ObjectRecord, _ draft: ObjectDraft, meta: Span<UInt8>
  ) throws(StoreError) -> ObjectRecord {
    precondition(!record.flags.contains(.inline), "an inline body would be lost with its head")
    let isSparse = record.flags.contains(.sparse)
    var header = head(draft, flags: isSparse ? [.update, .sparse] : .update, unit: record.unit)
    header.objectID = record.objectID
    header.totalLength = record.bodyLength
    return stage(draft, header, try appendHead(header, draft, meta), flags: record.flags)
  }

  /// Removes an object, or the rule of a primary hash, from the next commit on, for good: also
  /// where the index is built anew.
  public func remove(_ hash: Hash128) throws(StoreError) {
    let header = FragmentHeader(
      flags: [.head, .tombstone], hash: hash, primary: hash, unit: 0,
      usableUntil: WallTime(milliseconds: 0))
    guard
      let written = try unsafe append(
        header, vary: [], meta: Span<UInt8>(), dataCount: 0, fill: { _ in true })
    else { preconditionFailure("a tombstone has nothing to give up") }
    removals.note(hash, serial: written.serial)
    changes.append(.removeObject(hash: hash, serialAtMost: written.serial))
  }

  private func checkCurrent(_ object: ObjectInProgress) throws(StoreError) {
    guard isCurrent(object) else {
      throw StoreError(.gone, operation: "writing an object whose beginning is lost")
    }
  }

  private func head(
    _ draft: ObjectDraft, flags: FragmentHeader.Flags, unit: UInt32
  ) -> FragmentHeader {
    var all = flags.union([.head, .sealed])
    if !draft.vary.isEmpty { all.insert(.variant) }
    return FragmentHeader(
      flags: all, hash: draft.hash, primary: draft.primary, unit: unit,
      usableUntil: draft.usableUntil)
  }

  private func body(_ object: ObjectInProgress, offset: UInt64) -> FragmentHeader {
    var header = FragmentHeader(
      flags: [], hash: object.draft.hash, primary: object.draft.primary, unit: object.unit,
      usableUntil: object.draft.usableUntil)
    header.objectID = object.objectID
    header.number = UInt32(object.fragments.count + 1)
    header.dataOffset = offset
    return header
  }

  private func appendHead(
    _ header: FragmentHeader, _ draft: ObjectDraft, _ meta: Span<UInt8>
  ) throws(StoreError) -> WrittenFragment {
    guard
      let written = try unsafe append(
        header, vary: draft.vary, meta: meta, dataCount: 0, fill: { _ in true })
    else { preconditionFailure("a head without data has nothing to give up") }
    return written
  }

  /// Stages the records of a head.
  private func stage(
    _ draft: ObjectDraft, _ header: FragmentHeader, _ written: WrittenFragment,
    flags: ObjectRecord.Flags
  ) -> ObjectRecord {
    let record = ObjectRecord(
      objectID: header.objectID, serial: written.serial, place: written.place,
      bodyLength: header.totalLength, unit: header.unit, flags: flags,
      usableUntil: draft.usableUntil)
    changes.append(.put(hash: draft.hash, number: 0, .object(record)))
    if let vary = VaryRecord(rule: draft.vary, serial: written.serial, place: written.place),
      !draft.vary.isEmpty
    {
      changes.append(.put(hash: draft.primary, number: 0, .vary(vary)))
    }
    return record
  }
}
