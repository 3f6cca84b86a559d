import Benchmark
import Bytes
import Store

/// What a miss in memory pays before the disk is asked: `make micro NAME='Lookup.*'`.
///
/// A million objects of random hashes. The first index benchmark builds its index in a folder of
/// its own, in batches of a thousand as the volume writers commit them: that takes a minute.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock], timeUnits: .nanoseconds, scalingFactor: .kilo,
    maxDuration: .seconds(3), maxIterations: 2000)

  Benchmark("Lookup: directory, not there") { benchmark in
    let directory = Objects.directory
    var hashes = Objects.strangers
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { blackHole(directory.mayHold(hashes.next())) }
  }

  Benchmark("Lookup: directory, there") { benchmark in
    let directory = Objects.directory
    var hashes = Objects.known
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { blackHole(directory.mayHold(hashes.next())) }
  }

  Benchmark("Lookup: index, there") { benchmark in
    let reader = try Objects.index.get().reader()
    var hashes = Objects.known
    benchmark.startMeasurement()
    for _ in benchmark.scaledIterations { blackHole(try reader.record(hashes.next())) }
  }
}
