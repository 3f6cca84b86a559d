internal import Bytes
internal import Cache
internal import Loop
internal import Origin
internal import Policy
internal import Streams
internal import Telemetry
internal import Wire

// Slices: the first that comes tells what the object is, each other one has to be of the same
// version. A slice is given to viewers when it is whole, which is what proves it.
extension FillRunner {
  /// Looks at the head of an answer to the request for a slice; `true` where it goes on as that of
  /// any Fill.
  func isUnsliced(
    _ fill: Fill, _ slice: SliceOrder, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    if slice.parent != nil {
      takeSlice(fill, slice, head: head, bytes: bytes)
      return false
    }
    switch head.status {
    case 206:
      takeFirst(fill, slice, head: head, bytes: bytes)
      return false
    case 416 where slice.part > 0:
      // Beyond the end: the first slice tells where that is.
      askInstead(fill, SliceOrder(unit: slice.unit, part: 0, parent: nil))
      return false
    case 416:
      // Nothing to slice: an empty file.
      askInstead(fill, nil)
      return false
    default:
      fill.slice = nil
      return true
    }
  }

  /// Asks once more, for another slice or for the whole.
  func askInstead(_ fill: Fill, _ slice: SliceOrder?) {
    cancelFetch(fill)
    fill.slice = slice
    let validators = fill.object.fallback?.validators
    if let slice { return fetchAgain(fill, slice.condition(validators: validators)) }
    fetchAgain(fill, validators.map { .revalidate($0) } ?? .none)
  }

  // MARK: the first

  private func takeFirst(
    _ fill: Fill, _ slice: SliceOrder, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    let worker = worker
    guard let extent = PartRequest(slice.extent).extent(of: head, bytes: bytes),
      extent.range.last + 1 == min(slice.first + slice.unit, extent.length),
      let tag = head.fields.first(.etag), isStrong(bytes.slice(tag)),
      !head.fields.has(.contentEncoding)
    else {
      // Without a strong tag nothing proves that two slices belong together.
      return askInstead(fill, nil)
    }
    switch CachingDecision.makeOfPiece(head, bytes: bytes, facts: facts(fill)) {
    case .doNotStore(_, let remember): passAll(fill, remember: remember)
    case .store(let freshness):
      let withheld = WithheldFields.of(head, bytes: bytes, rule: fill.order.rule)
      fill.head =
        StoredHead(head, bytes: bytes, received: worker.loop.wall, withheld: withheld).ofWhole
      fill.freshness = freshness
      fill.tags = StoredHead.tags(of: head, bytes: bytes)
      guard enterVariant(fill, variation(fill, head, bytes)) else {
        return passAll(fill, remember: PolicyLimits.uncacheableMemory)
      }
      fill.extent = extent
      admitSlice(fill, extent)
    }
  }

  /// Whether an ETag proves equal bytes: RFC 9110 section 8.8.1.
  func isStrong(_ tag: Span<UInt8>) -> Bool {
    tag.count > 1 && tag[0] == UInt8(ascii: "\"")
  }

  /// The object is nobody's or cannot be kept: everybody goes alone.
  private func passAll(_ fill: Fill, remember: Milliseconds) {
    let worker = worker
    worker.node.table.rememberPass(fill.object, until: worker.loop.now + remember)
    forgetOnDisk(fill.object)
    release(fill)
  }

  // MARK: the others

  private func takeSlice(
    _ fill: Fill, _ slice: SliceOrder, head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    guard let parent = slice.parent else { return }
    if OriginError.isOne(status: head.status) {
      cancelFetch(fill)
      return breakOff(fill)
    }
    guard let extent = PartRequest(slice.extent).extent(of: head, bytes: bytes),
      extent.length == parent.body.count, extent.range.length == length(of: slice, parent),
      let tag = head.fields.first(.etag),
      EntityTag.strongMatch(bytes.slice(tag), parent.validators.entityTag.span)
    else {
      // Another version: what is here of the old one is dropped at once.
      worker.node.table.forget(parent)
      forgetOnDisk(parent)
      cancelFetch(fill)
      return breakOff(fill)
    }
    fill.extent = extent
    admitSlice(fill, extent)
  }

  private func length(of slice: SliceOrder, _ parent: CachedObject) -> UInt64 {
    min(slice.unit, parent.body.count - slice.first)
  }

  private func admitSlice(_ fill: Fill, _ extent: PieceExtent) {
    fill.length = extent.range.length
    guard fill.object.body.admit(length: extent.range.length, keepAtMost: .max) == .kept else {
      return refuse(fill)
    }
    fill.phase = .streaming
  }

  // MARK: the end

  /// A slice is whole by its framing.
  func endSlice(_ fill: Fill, _ slice: SliceOrder) {
    let object = fill.object
    guard let extent = fill.extent, object.body.count == extent.range.length else {
      return breakOff(fill)
    }
    _ = object.body.seal()
    guard object.body.phase == .whole else { return breakOff(fill) }
    let worker = worker
    worker.telemetry.add(to: .fillsSealed)
    let disk = worker.node.disk
    if let parent = slice.parent {
      disk.give(object.body, part: slice.part, of: parent)
      disk.keep(slice: slice.part, of: parent, now: worker.moment)
      finish(fill)
      return wake(parent, parent.body.wakeAll())
    }
    guard let head = fill.head, let freshness = fill.freshness,
      let file = disk.slice(
        object, count: extent.length, unit: slice.unit, part: slice.part, body: object.body)
    else { return breakOff(fill) }
    let whole = CachedObject(
      sliced: object, head: head, freshness: freshness, arrival: fill.arrival, tags: fill.tags,
      body: Body(arena: worker.node.arena, file: file))
    worker.node.table.complete(object, with: whole, isNew: true)
    disk.keep(slice: slice.part, of: whole, now: worker.moment)
    finish(fill)
    wake(object, object.body.wakeAll())
  }

  /// The Fill of a slice is over without one: whoever waits for it is told.
  func giveUpSlice(_ fill: Fill) {
    guard let slice = fill.slice, let parent = slice.parent else { return }
    worker.node.disk.giveUp(part: slice.part, of: parent)
    wake(parent, parent.body.wakeAll())
  }
}
