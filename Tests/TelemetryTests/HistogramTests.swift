import Telemetry
import Testing

@Suite struct `A histogram` {
  @Test func `puts a time that equals a bound under it, and the next one above`() {
    for index in 0..<Histogram.bounds.count {
      let bound = Histogram.bounds[index]

      #expect(Histogram.bucket(of: bound) == index)
      #expect(Histogram.bucket(of: bound - 1) == index)
      #expect(Histogram.bucket(of: bound + 1) == index + 1)
    }
  }

  @Test func `agrees with counting the bounds below, at every power of two`() {
    for width in 0..<64 {
      let power = UInt64(1) << UInt64(width)
      for time in [power - 1, power, power + 1] {
        var below = 0
        for index in 0..<Histogram.bounds.count where Histogram.bounds[index] < time { below += 1 }

        #expect(Histogram.bucket(of: time) == below)
      }
    }
    #expect(Histogram.bucket(of: .max) == Histogram.bounds.count)
  }

  @Test func `adds up times and workers`() {
    let first = WorkerTelemetry(accessRecords: 0)
    let second = WorkerTelemetry(accessRecords: 0)
    let node = NodeTelemetry(threads: [first, second])

    first.countRequest(
      status: 200, cache: .hit, firstByteMicroseconds: 90, durationMicroseconds: 300)
    second.countRequest(
      status: 200, cache: .hit, firstByteMicroseconds: nil, durationMicroseconds: 70_000_000)

    let times = node.times(.whole, cache: .hit)
    #expect(times.count == 2)
    #expect(times.microseconds == 70_000_300)
    #expect(times.buckets[2] == 1)
    #expect(times.buckets[Histogram.bounds.count] == 1)
    #expect(node.times(.toFirstByte, cache: .hit).count == 1)
    #expect(node.times(.whole, cache: .miss).count == 0)
  }
}
