import Bytes
import Testing

private let block = BytesLimits.blockBytes

@Suite struct `A body that passes through a window` {
  @Test func `stops its writer one window ahead of the fastest reader`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: 0)

    let first = lab.body.room
    lab.append(pattern(first))

    #expect(first == 2 * block, "an eighth of the arena")
    #expect(lab.body.room == 0)
    #expect(lab.body.buffer(limit: 1) == nil)
  }

  @Test func `makes room as its reader goes on, and tells it to wake the writer once`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(2 * block)
    _ = lab.body.admit(length: nil, keepAtMost: 0)
    lab.append(bytes)
    let parked = lab.body.room

    let first = lab.copy(0)
    let second = lab.copy(UInt64(first.bytes.count))
    let third = lab.next(UInt64(first.bytes.count + second.bytes.count))

    #expect(parked == 0)
    #expect(first.bytes + second.bytes == bytes)
    #expect(!first.wakesWriter && second.wakesWriter)
    #expect(third == .wait(wakesWriter: false), "it was told once")
    #expect(lab.body.room == block)
  }

  @Test func `never drops what its only reader was given and has not sent`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(4 * block)
    _ = lab.body.admit(length: nil, keepAtMost: 0)
    lab.append(Array(bytes[..<(2 * block)]))

    // The socket took 1000 of the bytes that it was given.
    _ = lab.copy(0)
    let room = lab.body.room
    let again = lab.copy(1000)

    #expect(room == 0)
    #expect(again.bytes.first == bytes[1000])
  }

  @Test func `wakes the writer when the reader has sent everything`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: 0)
    lab.append(pattern(2 * block))
    _ = lab.body.room

    let piece = lab.next(UInt64(2 * block))

    #expect(piece == .wait(wakesWriter: true))
  }

  @Test func `laps a slow reader and never holds the window for it`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(10 * block)
    var sent = 0
    var read: [UInt8] = []
    _ = lab.body.admit(length: nil, keepAtMost: 0)

    while sent < bytes.count || read.count < bytes.count {
      let room = min(lab.body.room, bytes.count - sent)
      lab.append(Array(bytes[sent..<(sent + room)]))
      sent += room
      read += lab.copy(UInt64(read.count)).bytes
    }

    #expect(read == bytes)
    #expect(lab.next(0) == .lapped)
    #expect(lab.body.copyWhole(atMost: .max) == nil)
    #expect(lab.arena.usedBytes == 2 * block)
  }

  @Test func `goes at its readers' pace, not at that of one who writes it down`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: 0)
    lab.body.join()
    lab.body.join(asCopyist: true)
    lab.append(pattern(lab.body.room))

    let end = lab.body.count
    var copied: UInt64 = 0
    while case .copied(let count, let wakesWriter) = lab.next(copied, isCopyist: true) {
      #expect(!wakesWriter)
      copied += UInt64(count)
    }
    #expect(copied == end && lab.body.room == 0)
    #expect(lab.copy(0).bytes == Array(pattern(block)))

    // Once nobody else reads, it is the copyist who sets the pace.
    #expect(lab.body.leave() == .wakesWriter)
    #expect(lab.body.room == block)
    #expect(lab.body.leave(asCopyist: true) == .last)
  }

  @Test func `has ended, not become whole, when it is sealed`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: 3, keepAtMost: 0)
    lab.append([1, 2, 3])

    _ = lab.body.seal()

    #expect(lab.body.phase == .ended && !lab.body.isKept)
    #expect(lab.copy(0).bytes == [1, 2, 3])
    #expect(lab.next(3) == .end)
  }

  @Test func `lets a reader wait beyond what has come without dropping it for others`() throws {
    let lab = try BodyLab(blocks: 16)
    _ = lab.body.admit(length: nil, keepAtMost: 0)
    lab.append(pattern(100))

    let ahead = lab.next(5_000_000)
    let behind = lab.copy(0)

    #expect(ahead == .wait(wakesWriter: false))
    #expect(behind.bytes == pattern(100))
  }
}

@Suite struct `A body whose memory ends while it grows` {
  @Test func `goes on as a window, says so once, and loses nothing of its reader`() throws {
    let lab = try BodyLab(blocks: 16)
    let bytes = pattern(20 * block)
    var sent = 0
    var read: [UInt8] = []
    var gaveUp = 0
    _ = lab.body.admit(length: nil, keepAtMost: .max)

    while read.count < bytes.count {
      let room = min(lab.body.room, bytes.count - sent)
      if lab.body.gaveUpKeeping() { gaveUp += 1 }
      lab.append(Array(bytes[sent..<(sent + room)]))
      sent += room
      let piece = lab.next(UInt64(read.count))
      read += lab.bytes(of: piece)
      if case .range = piece { _ = lab.body.unpin() }
    }

    #expect(read == bytes)
    #expect(gaveUp == 1 && !lab.body.isKept)
    _ = lab.body.seal()
    #expect(lab.body.phase == .ended)
  }

  @Test func `never promises room that it has not`() throws {
    let lab = try BodyLab(blocks: 8)
    _ = lab.body.admit(length: nil, keepAtMost: .max)
    _ = lab.arena.reserve(blocks: 4)

    let room = lab.body.room
    lab.append(pattern(room))

    #expect(room == 4 * block)
    #expect(lab.body.room == 0 && lab.body.gaveUpKeeping())
    lab.arena.unreserve(blocks: 4)
  }

  @Test func `stops at the limit of what may be kept`() throws {
    let lab = try BodyLab(blocks: 64)
    _ = lab.body.admit(length: nil, keepAtMost: UInt64(4 * block))

    lab.append(pattern(4 * block))
    let atLimit = lab.body.isKept
    lab.append(pattern(min(lab.body.room, 4 * block)))
    _ = lab.body.room

    #expect(atLimit)
    #expect(!lab.body.isKept && lab.body.gaveUpKeeping())
  }

  @Test func `does not drop what a system call is still reading`() throws {
    let lab = try BodyLab(blocks: 4)
    _ = lab.body.admit(length: nil, keepAtMost: .max)
    lab.append(pattern(4 * block))
    let piece = lab.next(0, limit: block)
    let room = lab.body.room
    _ = lab.next(UInt64(2 * block), worker: 1)

    let pinned = lab.body.room
    let bytes = lab.bytes(of: piece)
    let wakes = lab.body.unpin()

    #expect(room == 0 && pinned == 0)
    #expect(bytes == Array(pattern(4 * block)[..<block]))
    #expect(wakes)
    #expect(lab.body.room > 0)
  }
}
