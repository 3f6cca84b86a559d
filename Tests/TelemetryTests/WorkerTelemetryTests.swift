import Bytes
import Telemetry
import Testing

@Suite struct `Telemetry of workers` {
  @Test func `sums what each has counted`() {
    let first = WorkerTelemetry(accessRecords: 0)
    let second = WorkerTelemetry(accessRecords: 0)
    let node = NodeTelemetry(threads: [first, second])

    first.add(to: .fillJoins)
    second.add(41, to: .fillJoins)
    first.addSent(bytes: 1000, cache: .hit)
    second.addSent(bytes: 24, cache: .hit)

    #expect(node.total(.fillJoins) == 42)
    #expect(node.total(.fillsStarted) == 0)
    #expect(node.sentBytes(cache: .hit) == 1024)
  }

  @Test func `lets another thread lower what one has raised`() {
    let first = WorkerTelemetry(accessRecords: 0)
    let second = WorkerTelemetry(accessRecords: 0)
    let node = NodeTelemetry(threads: [first, second])

    first.add(3, to: .viewerConnectionsActive)
    second.subtract(from: .viewerConnectionsActive)
    let two = node.total(.viewerConnectionsActive)
    second.subtract(5, from: .viewerConnectionsActive)

    #expect(two == 2)
    #expect(node.total(.viewerConnectionsActive) == 0)
  }

  @Test func `counts requests by status and cache result`() {
    let worker = WorkerTelemetry(accessRecords: 0)
    let node = NodeTelemetry(threads: [worker])

    for (status, cache) in [(200, CacheResult.hit), (206, .hit), (200, .miss), (599, .error)] {
      worker.countRequest(
        status: status, cache: cache, firstByteMicroseconds: 0, durationMicroseconds: 0)
    }

    #expect(node.requests(status: StatusLabel(status: 200), cache: .hit) == 1)
    #expect(node.requests(cache: .hit) == 2)
    #expect(node.requests(status: StatusLabel(status: 500), cache: .error) == 0)
    #expect(node.requests(status: StatusLabel(status: 598), cache: .error) == 1)
  }
}

@Suite struct `A queue of errors` {
  private let start = Instant(nanoseconds: 1_000_000_000_000)

  private func post(_ queue: ErrorQueue, _ kind: AccessDetail, times: Int, at now: Instant) {
    for _ in 0..<times { queue.post(kind, level: .error, now: now) { _ in } }
  }

  @Test func `limits each kind alone and says how many it left out`() {
    let queue = ErrorQueue(level: .info)
    var batch: [ErrorRecord] = []

    post(queue, .connectRefused, times: 1000, at: start)
    post(queue, .badRequest, times: 1, at: start)
    queue.drain(into: &batch)
    let burst = batch.count
    batch.removeAll()
    post(queue, .connectRefused, times: 1000, at: start + .seconds(1))
    queue.drain(into: &batch)

    #expect(burst == TelemetryLimits.errorLinesBurst + 1)
    #expect(batch.count == TelemetryLimits.errorLinesPerSecond)
    #expect(batch[0].suppressed == 980)
    #expect(batch[1].suppressed == 0)
    #expect(queue.suppressed == 980 + 998)
  }

  @Test func `lets no more through than its level`() {
    let queue = ErrorQueue(level: .warning)
    var batch: [ErrorRecord] = []

    queue.post(.loop, level: .info, now: start) { _ in Issue.record("not wanted") }
    queue.post(.loop, level: .warning, now: start) { $0.journey = 9 }
    queue.drain(into: &batch)

    #expect(batch.map(\.journey) == [9])
    #expect(queue.suppressed == 0)
  }

  @Test func `is bounded while its log sleeps`() {
    let queue = ErrorQueue(level: .debug)
    var batch: [ErrorRecord] = []

    for kind in AccessDetail.allCases { post(queue, kind, times: 20, at: start) }
    queue.drain(into: &batch)

    #expect(batch.count == TelemetryLimits.errorLinesPending)
  }
}
