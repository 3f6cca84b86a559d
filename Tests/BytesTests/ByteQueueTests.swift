import Bytes
import Testing

@Suite struct `A byte queue` {
  @Test func `holds no memory until bytes are to come, and none after it was emptied`() {
    let pool = ChunkPool()
    var queue = ByteQueue()
    let before = (queue.hasMemory, pool.outCount)

    put([1, 2, 3], into: &queue, pool)
    let between = (queue.hasMemory, pool.outCount)
    queue.consume(3)
    queue.giveBackIfEmpty(to: pool)

    #expect(before == (false, 0))
    #expect(between == (true, 1))
    #expect(!queue.hasMemory && pool.outCount == 0)
  }

  @Test func `keeps its chunk while there are bytes in it`() {
    let pool = ChunkPool()
    var queue = ByteQueue()
    put([1, 2, 3], into: &queue, pool)

    queue.consume(2)
    queue.giveBackIfEmpty(to: pool)

    #expect(queue.hasMemory && contents(queue) == [3])
    queue.giveBack(to: pool)
    #expect(pool.outCount == 0)
  }

  @Test func `gives memory also for no bytes at all`() {
    let pool = ChunkPool()
    var queue = ByteQueue()

    let room = queue.room(0, from: pool)

    #expect(!room.isEmpty)
    queue.giveBack(to: pool)
  }

  @Test func `grows from size to size and then gives what is left`() {
    let pool = ChunkPool()
    var queue = ByteQueue()
    var expected: [UInt8] = []
    var sizes: [Int] = []

    while expected.count < ChunkPool.sizes.large {
      let byte = UInt8(truncatingIfNeeded: expected.count / 1000)
      let bytes = [UInt8](repeating: byte, count: 1000)
      let room = queue.room(1000, from: pool)
      let count = min(room.count, 1000)
      room.copyBytes(from: bytes[..<count])
      queue.filled(count)
      expected += bytes[..<count]
      sizes.append(room.count + expected.count - count)
    }

    #expect(contents(queue) == expected)
    #expect(Set(sizes) == [4096, 16_384, 65_536])
    let full = queue.room(1, from: pool)
    #expect(full.isEmpty)
    #expect(pool.outCount == 1)
    queue.giveBack(to: pool)
    #expect(pool.outCount == 0)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `is a queue whatever is put in and taken out`(_ seed: UInt64) {
    var random = RandomSource(seed: seed)
    let pool = ChunkPool(keptMax: 2)
    var queue = ByteQueue()
    var model: [UInt8] = []
    var next: UInt8 = 0

    for _ in 0..<3000 {
      if Bool.random(using: &random) {
        let wanted = Int.random(in: 0...5000, using: &random)
        let room = queue.room(wanted, from: pool)
        let count = min(wanted, room.count)
        for index in 0..<count {
          room[index] = next
          model.append(next)
          next &+= 1
        }
        queue.filled(count)
      } else {
        let count = Int.random(in: 0...queue.count, using: &random)
        queue.consume(count)
        model.removeFirst(count)
        if Bool.random(using: &random) { queue.giveBackIfEmpty(to: pool) }
      }
      #expect(queue.count == model.count && queue.isEmpty == model.isEmpty)
    }

    #expect(contents(queue) == model)
    queue.giveBack(to: pool)
    #expect(pool.outCount == 0)
  }

  @Test func `traps when more is taken out than is in it`() async {
    await #expect(processExitsWith: .failure) {
      let pool = ChunkPool()
      var queue = ByteQueue()
      put([1], into: &queue, pool)
      queue.consume(2)
    }
  }

  @Test func `traps when more was put in than there was room`() async {
    await #expect(processExitsWith: .failure) {
      let pool = ChunkPool()
      var queue = ByteQueue()
      put([1], into: &queue, pool)
      queue.filled(ChunkPool.sizes.small)
    }
  }
}

@Suite struct `A chunk pool` {
  @Test func `lends chunks of three sizes and counts those that are out`() {
    let pool = ChunkPool()
    var small = ByteQueue()
    var medium = ByteQueue()
    var large = ByteQueue()

    let sizes = [
      small.room(1, from: pool).count, medium.room(4097, from: pool).count,
      large.room(1 << 20, from: pool).count,
    ]

    #expect(sizes == [4096, 16_384, 65_536])
    #expect(pool.outCount == 3)
    small.giveBack(to: pool)
    medium.giveBack(to: pool)
    large.giveBack(to: pool)
    #expect(pool.outCount == 0)
  }
}

private func put(_ bytes: [UInt8], into queue: inout ByteQueue, _ pool: ChunkPool) {
  let room = queue.room(bytes.count, from: pool)
  room.copyBytes(from: bytes)
  queue.filled(bytes.count)
}

private func contents(_ queue: borrowing ByteQueue) -> [UInt8] { Array(queue.bytes) }
