import Bytes
import Testing

@testable import Origin

@Suite struct `A retry plan` {
  @Test func `gives a dead kept connection one fresh one, then the next server`() {
    var plan = RetryPlan(mayRepeat: true)
    let died = RetryPlan.Progress(reused: true, requestStarted: true)

    let first = plan.failed(.reset, at: 0, died)
    let second = plan.failed(.reset, at: 0, died)

    #expect(first == .freshConnection)
    #expect(second == .nextServer)
    #expect(plan.tried == 0b1)
  }

  @Test func `tries further addresses only for connections that were not made`() {
    var plan = RetryPlan(mayRepeat: true)
    let progress = RetryPlan.Progress(moreAddresses: true)

    let steps = (0..<4).map { _ in plan.failed(.refused, at: 1, progress) }
    let timedOut = plan.failed(.firstByteTimedOut, at: 1, progress)

    #expect(steps == [.nextAddress, .nextAddress, .nextServer, .nextAddress])
    #expect(timedOut == .nextServer)
  }

  @Test func `gives up once bytes were given or taken that cannot be taken back`() {
    var plan = RetryPlan(mayRepeat: true)
    var careful = RetryPlan(mayRepeat: false)
    let sent = RetryPlan.Progress(requestStarted: true)

    #expect(plan.failed(.truncated, at: 0, RetryPlan.Progress(headGiven: true)) == .surrender)
    #expect(plan.failed(.reset, at: 0, RetryPlan.Progress(uploadStarted: true)) == .surrender)
    #expect(plan.failed(.uploadBroken, at: 0, RetryPlan.Progress()) == .surrender)
    #expect(plan.failed(.overLimit, at: 0, RetryPlan.Progress()) == .surrender)
    #expect(careful.failed(.firstByteTimedOut, at: 0, sent) == .surrender)
    #expect(careful.failed(.refused, at: 0, RetryPlan.Progress()) == .nextServer)
  }

  @Test func `ends after a number of attempts`() {
    var plan = RetryPlan(mayRepeat: true)
    for _ in 0..<OriginLimits.attemptsMax { plan.began() }

    let next = plan.failed(.refused, at: 0, RetryPlan.Progress())

    #expect(next == .surrender)
  }
}

@Suite struct `The choice of a server` {
  private func candidate(_ weight: Int, backup: Bool = false) -> ServerChoice.Candidate {
    ServerChoice.Candidate(weight: weight, isBackup: backup)
  }

  @Test func `stays with the first sound server and puts failing ones last`() {
    var choice = ServerChoice(
      rule: .latched, candidates: [candidate(1), candidate(1), candidate(1, backup: true)])

    #expect(choice.next(tried: 0, failing: 0) == 0)
    #expect(choice.next(tried: 0, failing: 0) == 0)
    #expect(choice.next(tried: 0, failing: 0b001) == 1)
    #expect(choice.next(tried: 0, failing: 0b011) == 2)
    #expect(choice.next(tried: 0b100, failing: 0b111) == 0)
    #expect(choice.next(tried: 0b111, failing: 0) == nil)
  }

  @Test func `shares by weight`() {
    var choice = ServerChoice(
      rule: .roundRobin, candidates: [candidate(3), candidate(1), candidate(9, backup: true)])

    let picks = (0..<8).map { _ in choice.next(tried: 0, failing: 0) }

    #expect(picks.filter { $0 == 0 }.count == 6)
    #expect(picks.filter { $0 == 1 }.count == 2)
  }

  @Test func `forgets a failure after a while that grows, and at once after success`() {
    var memory = FailureMemory()
    let start = Instant(nanoseconds: 0)

    memory.failed(at: start)
    memory.failed(at: start)
    #expect(memory.isFailing(at: start + Milliseconds(999)))
    #expect(!memory.isFailing(at: start + Milliseconds(1000)))

    memory.failed(at: start + Milliseconds(1000))
    #expect(memory.isFailing(at: start + Milliseconds(2999)))
    memory.failed(at: start + Milliseconds(3000))
    memory.failed(at: start + Milliseconds(7000))
    #expect(memory.isFailing(at: start + Milliseconds(11_999)))
    #expect(!memory.isFailing(at: start + Milliseconds(12_000)))

    memory.succeeded()
    #expect(!memory.isFailing(at: start + Milliseconds(7001)))
  }
}

@Suite struct `The framing of an upload` {
  @Test func `counts a body of known length down to its end`() {
    var upload = UploadMachine.length(10)

    #expect(upload.payloadLimit(capacity: 6) == 6)
    #expect(upload.accept(.bytes(6), capacity: 6) == .send(count: 6))
    #expect(upload.payloadLimit(capacity: 6) == 4)
    #expect(upload.accept(.wait, capacity: 6) == .wait)
    #expect(upload.accept(.bytes(4), capacity: 6) == .send(count: 4))
    #expect(upload.isFinished)
  }

  @Test func `refuses a body that is shorter or longer than was said`() {
    var short = UploadMachine.length(10)
    var long = UploadMachine.length(3)

    #expect(short.accept(.end, capacity: 16) == .broken)
    #expect(long.accept(.bytes(4), capacity: 16) == .broken)
  }

  @Test func `wraps pieces into chunks`() {
    var upload = UploadMachine.chunked

    #expect(upload.payloadOffset == 6)
    #expect(upload.payloadLimit(capacity: 100) == 92)
    #expect(upload.accept(.bytes(5), capacity: 100) == .send(count: 13))
    #expect(upload.accept(.end, capacity: 100) == .sendLastChunk)
    #expect(upload.isFinished && upload.hasStarted)
    let line = UploadMachine.chunkPrefix(payload: 0x3FAB)
    #expect((0..<6).map { line[$0] } == Array("3FAB\r\n".utf8))
  }
}
