import Bytes
import Loop
import Testing

@Suite struct `A mailbox` {
  @Test func `delivers every message of several threads to a sleeping owner, each in order`() throws
  {
    let wakeup = try Wakeup()
    let mailbox = Mailbox<(writer: Int, number: Int)>(wakeup: wakeup)
    let writers = 3
    let each = 10_000
    let threads = try (0..<writers).map { writer in
      try WorkerThread(name: "writer") {
        for number in 0..<each { mailbox.post((writer, number)) }
      }
    }

    var next = Array(repeating: 0, count: writers)
    var isInOrder = true
    var batch: [(writer: Int, number: Int)] = []
    while next.reduce(0, +) < writers * each {
      _ = wakeup.sleep()
      mailbox.drain(into: &batch)
      for message in batch {
        isInOrder = isInOrder && message.number == next[message.writer]
        next[message.writer] += 1
      }
      batch.removeAll(keepingCapacity: true)
    }
    for thread in threads { thread.join() }

    #expect(isInOrder)
    #expect(next == Array(repeating: each, count: writers))
  }

  @Test func `wakes an event loop that waits for ever`() throws {
    let network = try KernelNetwork()
    let mailbox = Mailbox<Int>(wakeup: network.wakeup)
    let driver = Collector(mailbox: mailbox)
    let loop = EventLoop(index: 0, network: network, driver: driver)
    let writer = try WorkerThread(name: "writer") {
      for number in 1...1_000 { mailbox.post(number) }
    }

    while driver.messages.count < 1_000 { loop.turn() }
    writer.join()

    #expect(driver.messages == Array(1...1_000))
  }

  @Test func `costs its poster no wakeup while the owner is awake`() throws {
    let wakeup = try Wakeup()

    wakeup.wake()
    wakeup.wake()

    #expect(!wakeup.prepareToSleep())
    #expect(wakeup.takeNotice())
    #expect(!wakeup.takeNotice())
    #expect(wakeup.prepareToSleep())
    #expect(!wakeup.takeNotice())
  }

  private final class Collector: LoopDriver {
    let mailbox: Mailbox<Int>
    var messages: [Int] = []
    private var batch: [Int] = []

    init(mailbox: Mailbox<Int>) { self.mailbox = mailbox }

    override func drainMailbox(loop: EventLoop) {
      mailbox.drain(into: &batch)
      messages += batch
      batch.removeAll(keepingCapacity: true)
    }
  }
}

@Suite struct `The chores thread` {
  @Test func `runs jobs in order, refuses what its queue cannot hold, and finishes at its stop`()
    throws
  {
    let wakeup = try Wakeup()
    let gate = try Wakeup()
    let done = Mailbox<Int>(wakeup: wakeup)
    let chores = try Chores(waitingMax: 2)
    let started = try Wakeup()

    #expect(
      chores.jobs.post {
        started.wake()
        while !gate.sleep() {}
        done.post(0)
      })
    while !started.sleep() {}
    let first = chores.jobs.post { done.post(1) }
    let second = chores.jobs.post { done.post(2) }
    let third = chores.jobs.post { done.post(3) }
    gate.wake()
    chores.stop()
    var results: [Int] = []
    done.drain(into: &results)

    #expect([first, second, third] == [true, true, false])
    #expect(results == [0, 1, 2])
    #expect(!chores.jobs.post {})
  }
}
