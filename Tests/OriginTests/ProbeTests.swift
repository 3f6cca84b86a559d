import Bytes
import Policy
import Testing

@testable import Origin

private let start = Instant(nanoseconds: 1_000_000_000_000)

@Suite struct `The schedule of probes` {
  @Test func `spreads the first probes of all servers over an interval`() {
    let due = (0..<4).map {
      ProbeSchedule(interval: Milliseconds(1000), place: $0, of: 4, from: start).due - start
    }

    #expect(due.map(\.count) == [0, 250, 500, 750])
  }

  @Test func `comes up to a tenth early or late, and both`() {
    var random = RandomSource(seed: 1)
    var schedule = ProbeSchedule(interval: Milliseconds(1000), place: 0, of: 1, from: start)
    var pauses: [Int64] = []
    for _ in 0..<200 {
      let begins = schedule.due
      schedule.began(at: begins, &random)
      pauses.append((schedule.due - begins).count)
    }

    #expect(pauses.allSatisfy { (900...1100).contains($0) })
    #expect(pauses.contains { $0 < 930 } && pauses.contains { $0 > 1070 })
  }

  @Test func `makes up for nothing after a time in which nobody probed`() {
    var random = RandomSource(seed: 1)
    var schedule = ProbeSchedule(interval: Milliseconds(1000), place: 0, of: 1, from: start)
    let late = start + .seconds(60)
    schedule.began(at: late, &random)

    #expect(schedule.due >= late + Milliseconds(900))
  }
}

@Suite struct `The verdict on a probe` {
  private func fault(
    _ question: ProbeVerdict.Question = .path, status: UInt16 = 200, body: String = "",
    after time: Int64 = 10, _ change: (inout ProbeSettings) -> Void = { _ in }
  ) -> String? {
    var settings = ProbeSettings(path: "/health")
    change(&settings)
    return ProbeVerdict.fault(
      in: question, status: status, body: Array(body.utf8), after: Milliseconds(time), settings
    )?.text
  }

  @Test func `passes 2xx and 3xx where nothing else is said`() {
    for status in [200, 204, 206, 301, 399] as [UInt16] { #expect(fault(status: status) == nil) }
    for status in [100, 400, 404, 500, 503] as [UInt16] {
      #expect(fault(status: status) == "status \(status)")
    }
  }

  @Test func `passes the named statuses alone`() {
    #expect(fault(status: 404) { $0.statuses = [200, 404] } == nil)
    #expect(fault(status: 204) { $0.statuses = [200, 404] } == "status 204")
  }

  @Test func `finds the text anywhere in the front of the body, and not behind it`() {
    #expect(fault(body: "sstatus: ok") { $0.body = "status: ok" } == nil)
    #expect(
      fault(body: "status: o") { $0.body = "status: ok" }
        == "body does not contain \"status: ok\"")
    let front = String(repeating: "x", count: OriginLimits.probeSearchBytesMax - 2)
    #expect(fault(body: front + "ok") { $0.body = "ok" } == nil)
    #expect(fault(body: front + "-ok") { $0.body = "ok" } != nil)
    #expect(fault { $0.body = "ok" } != nil)
  }

  @Test func `takes a late answer for none`() {
    #expect(fault(after: 500) == nil)
    #expect(fault(after: 501) == "timed out after 500ms")
  }

  @Test func `wants of a playlist that it is answered, whatever it says`() {
    #expect(fault(.playlist, body: "gone") { $0.body = "ok" } == nil)
    #expect(fault(.playlist, status: 404) == "playlist: status 404")
    #expect(fault(.playlist, status: 302) == "playlist: status 302")
  }
}
