import Bytes
import Policy
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

  /// Sound servers by bits; all others are bad, and `open` may be tried.
  private func view(
    _ count: Int, sound: ServerSet, open: ServerSet = [], shares: [Int] = []
  ) -> HealthBoard.View {
    HealthBoard.View(
      sound: sound, open: open, leastBad: (0..<count).filter { !sound.contains($0) },
      shares: shares)
  }

  @Test func `stays with the first sound server and puts bad ones last`() {
    var choice = ServerChoice(
      policy: .latched, candidates: [candidate(1), candidate(1), candidate(1, backup: true)])

    #expect(choice.next(tried: 0, view(3, sound: 0b111), mayTry: true) == 0)
    #expect(choice.next(tried: 0, view(3, sound: 0b111), mayTry: true) == 0)
    #expect(choice.next(tried: 0, view(3, sound: 0b110), mayTry: true) == 1)
    #expect(choice.next(tried: 0, view(3, sound: 0b100), mayTry: true) == 2)
    #expect(choice.next(tried: 0b100, view(3, sound: 0), mayTry: true) == 0)
    #expect(choice.next(tried: 0b111, view(3, sound: 0b111), mayTry: true) == nil)
  }

  @Test func `tries a bad one with a fetch that can go on elsewhere, if it would be preferred`() {
    var choice = ServerChoice(policy: .latched, candidates: [candidate(1), candidate(1)])

    #expect(choice.next(tried: 0, view(2, sound: 0b10, open: 0b01), mayTry: true) == 0)
    #expect(choice.next(tried: 0, view(2, sound: 0b10, open: 0b01), mayTry: false) == 1)
    // The second is not preferred: its turn comes when the first fails.
    #expect(choice.next(tried: 0, view(2, sound: 0b01, open: 0b10), mayTry: true) == 0)
  }

  @Test func `takes the least bad where all are`() {
    var choice = ServerChoice(
      policy: .latched, candidates: [candidate(1), candidate(1), candidate(1, backup: true)])
    var view = view(3, sound: 0)
    view.leastBad = [2, 1, 0]

    #expect(choice.next(tried: 0, view, mayTry: true) == 1)
    #expect(choice.next(tried: 0b010, view, mayTry: true) == 0)
    #expect(choice.next(tried: 0b011, view, mayTry: true) == 2)
  }

  @Test func `shares by weight`() {
    var choice = ServerChoice(
      policy: .roundRobin, candidates: [candidate(3), candidate(1), candidate(9, backup: true)])

    let picks = (0..<8).map { _ in choice.next(tried: 0, view(3, sound: 0b111), mayTry: true) }

    #expect(picks.filter { $0 == 0 }.count == 6)
    #expect(picks.filter { $0 == 1 }.count == 2)
  }

  @Test func `gives one that came up again a growing share`() {
    var choice = ServerChoice(policy: .roundRobin, candidates: [candidate(1), candidate(1)])
    let half = view(2, sound: 0b11, shares: [1000, 500])

    let picks = (0..<30).map { _ in choice.next(tried: 0, half, mayTry: true) }

    #expect(picks.filter { $0 == 1 }.count == 10)
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
