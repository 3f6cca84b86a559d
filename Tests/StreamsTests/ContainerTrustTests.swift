import Bytes
import Streams
import Testing

@Suite struct `Trust in the container check` {
  let start = Instant(nanoseconds: 0)

  private func directory(_ path: String, site: UInt64 = 0) -> Hash128 {
    ContainerTrust.directory(ofPath: Array(path.utf8).span, site: site)
  }

  @Test func `drops open containers and ends after three in a row`() {
    var trust = ContainerTrust()
    let place = directory("/live/a/1.m4s")

    let outcomes = (0..<4).map { _ in trust.judge(.open, directory: place, now: start) }

    #expect(outcomes == [.drop, .drop, .dropAndSwitchOff, .seal])
    #expect(!trust.isChecked(directory: place, now: start))
  }

  @Test func `counts anew after a closed container, not after one that cannot be checked`() {
    var trust = ContainerTrust()
    let one = directory("/one/1.m4s")
    let other = directory("/other/1.m4s")

    let closedBetween = [ContainerCheck.Verdict.open, .open, .closed, .open].map {
      trust.judge($0, directory: one, now: start)
    }
    let unknownBetween = [ContainerCheck.Verdict.open, .open, .unknown, .open].map {
      trust.judge($0, directory: other, now: start)
    }

    #expect(closedBetween == [.drop, .drop, .seal, .drop])
    #expect(unknownBetween == [.drop, .drop, .seal, .dropAndSwitchOff])
  }

  @Test func `is back after ten minutes and starts with a clean sheet`() {
    var trust = ContainerTrust()
    let place = directory("/live/a/1.m4s")
    for _ in 0..<3 { _ = trust.judge(.open, directory: place, now: start) }
    let before = start + Milliseconds(599_999)
    let after = start + Milliseconds(600_000)

    #expect(!trust.isChecked(directory: place, now: before))
    #expect(trust.isChecked(directory: place, now: after))
    #expect(trust.judge(.open, directory: place, now: after) == .drop)
    #expect(trust.judge(.open, directory: place, now: after) == .drop)
    #expect(trust.judge(.open, directory: place, now: after) == .dropAndSwitchOff)
  }

  @Test func `holds for one directory of one site`() {
    var trust = ContainerTrust()
    let place = directory("/live/a/1.m4s")
    for _ in 0..<3 { _ = trust.judge(.open, directory: place, now: start) }

    #expect(directory("/live/a/2.m4s?x=/y/z") == place)
    #expect(trust.isChecked(directory: directory("/live/b/1.m4s"), now: start))
    #expect(trust.isChecked(directory: directory("/live/a/1.m4s", site: 1), now: start))
  }

  @Test func `stays bounded and remembers longest where the check is off`() {
    var trust = ContainerTrust()
    let place = directory("/off/1.m4s")
    for _ in 0..<3 { _ = trust.judge(.open, directory: place, now: start) }

    for number in 0..<20_000 {
      let now = start + Milliseconds(Int64(number))
      _ = trust.judge(.open, directory: directory("/d\(number)/1.m4s"), now: now)
    }

    #expect(!trust.isChecked(directory: place, now: start + Milliseconds(20_000)))
  }
}
