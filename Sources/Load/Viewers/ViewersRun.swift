internal import Bytes
internal import Loop
internal import Synchronization

/// `spillway load viewers`: many players of one stream.
public enum ViewersRun {
  /// Loads the server and says what the players met with.
  ///
  /// - Parameters:
  ///   - settings: what and how many.
  ///   - progress: given a line twice a second, on the calling thread.
  /// - Returns: what came of it.
  /// - Throws: `LoadError` where the settings make no sense, or nothing can be started.
  public static func run(
    _ settings: ViewersSettings, progress: (String) -> Void
  ) throws(LoadError) -> ViewersReport {
    try settings.check()
    LoadThreads.raiseDescriptorLimit()
    let start = Instant.read().nanoseconds
    let offset = WallTime.read().milliseconds * 1_000_000 - start
    let cpu = LoadThreads.cpuNanoseconds()
    let origin = try startOrigin(settings, start: start, offset: offset)
    var workers: [ViewersWorker] = []
    for index in 0..<settings.threads {
      workers.append(
        try ViewersWorker(settings, index: index, start: start, offset: offset))
    }
    try LoadThreads.run(workers.map { worker in { worker.run() } }) { now in
      let sum = { (counter: (ViewersWorker) -> Int) in workers.reduce(0) { $0 + counter($1) } }
      let playing = sum { $0.playing.load(ordering: .relaxed) }
      let segments = sum { $0.segments.load(ordering: .relaxed) }
      let stalls = sum { $0.stalls.load(ordering: .relaxed) }
      let troubles = sum { $0.troubles.load(ordering: .relaxed) }
      progress(
        "\((now - start) / 1_000_000_000) s  \(playing) players  \(segments) segments  "
          + "\(stalls) stalls  \(troubles) errors and violations")
    }
    origin?.stop()
    var tally = ViewerTally()
    for worker in workers { tally.add(worker.tally) }
    return ViewersReport(
      settings: settings, tally: tally, nanoseconds: Instant.read().nanoseconds - start,
      cpuNanoseconds: LoadThreads.cpuNanoseconds() - cpu,
      origin: origin.map { ($0.requests, $0.publications) })
  }

  private static func startOrigin(
    _ settings: ViewersSettings, start: Int64, offset: Int64
  ) throws(LoadError) -> StreamOrigin? {
    guard let address = settings.origin else { return nil }
    let fault = settings.fault.map { planned in
      (kind: planned.fault, from: (start &+ planned.after &+ offset) / 1_000_000)
    }
    let origin = try StreamOrigin(
      StreamLibrary(settings.shape, fault: fault), at: address, delay: settings.originDelay,
      offset: offset)
    try origin.start()
    return origin
  }
}
