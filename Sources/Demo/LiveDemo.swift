internal import Glibc

/// Two live origins, a node in front, and a page to watch them on: `spillway demo`.
///
/// Every part is the real thing in a process of its own: two ffmpeg encoders of one test source,
/// each published by an nginx, and this program as the node. Whatever ends the demo (a signal, the
/// time, a part that dies), no process and no file of it stays.
public struct LiveDemo {
  private let settings: DemoSettings
  private let voice: DemoVoice
  private let signals: Signals
  private var children = Children()

  private static let origins = ["a", "b"]

  /// Runs the demo until it is told to stop.
  ///
  /// Called on the main thread before any other thread exists: the children die with it.
  /// - Returns: the exit code: 0 after a stop, 1 when it could not start or a part died.
  public static func run(
    _ settings: DemoSettings, output: @escaping (String) -> Void,
    errors: @escaping (String) -> Void
  ) -> Int32 {
    let voice = DemoVoice(isForPrograms: settings.json, output: output, errors: errors)
    var demo = LiveDemo(settings: settings, voice: voice, signals: Signals())
    do throws(DemoFailure) {
      let programs = try Programs.find()
      try demo.checkPorts()
      let workplace = try Workplace()
      let failure = demo.play(programs, in: workplace)
      voice.progress("stopping")
      demo.children.end(demo.signals)
      if !workplace.remove() { voice.failed("\(workplace.path) could not be removed") }
      if let failure, !failure.isStop { throw failure }
    } catch {
      voice.failed(error.message)
      return 1
    }
    return 0
  }

  private init(settings: DemoSettings, voice: DemoVoice, signals: Signals) {
    self.settings = settings
    self.voice = voice
    self.signals = signals
  }

  /// One clear line instead of a server that does not start.
  private func checkPorts() throws(DemoFailure) {
    guard settings.port <= .max - 2 else {
      throw DemoFailure(message: "--port is at most 65533: the origins take the two above it")
    }
    var ports = [("the node", Port(address: settings.address, number: settings.port))]
    for (index, name) in LiveDemo.origins.enumerated() {
      let port = Port(address: "127.0.0.1", number: settings.originPort(index))
      ports.append(("origin \(name)", port))
    }
    ports.append(("the metrics", Port(address: "127.0.0.1", number: settings.metricsPort)))
    for (owner, port) in ports {
      guard let code = port.obstacle() else { continue }
      let place = "\(port.address):\(port.number)"
      guard code == EADDRINUSE else {
        throw DemoFailure(message: "\(place) for \(owner): \(SystemText.of(code))")
      }
      throw DemoFailure(
        message: """
          \(place) for \(owner) is taken: stop what uses it, or choose others with --port \
          (the origins take the two above it) and --metrics-port
          """)
    }
  }

  /// Starts everything, announces it and waits for the end.
  ///
  /// - Returns: why it ended, `nil` when its time was over.
  private mutating func play(_ programs: Programs, in workplace: Workplace) -> DemoFailure? {
    do throws(DemoFailure) {
      try startServers(programs, in: workplace)
      let parts = try startEncoders(programs, in: workplace)
      voice.announce(settings, parts: parts, folder: workplace.path)
      try waitForEnd(in: workplace)
      return nil
    } catch {
      return error
    }
  }

  /// Starts two origins and the node, and waits until each answers.
  private mutating func startServers(
    _ programs: Programs, in workplace: Workplace
  ) throws(DemoFailure) {
    try workplace.makeFolder("site")
    try workplace.write(Files.page, to: "site/index.html")
    for (index, name) in LiveDemo.origins.enumerated() {
      let origin = "origin-\(name)"
      try workplace.makeFolder(origin)
      try workplace.makeFolder("\(origin)-temp")
      let text = Files.originConfiguration([
        ("FOLDER", workplace.path), ("NAME", origin), ("PORT", "\(settings.originPort(index))"),
      ])
      try workplace.write(text, to: "\(origin).conf")
      // -e: Debian's nginx would otherwise open its log in /var/log before it reads anything.
      let words = [programs.nginx, "-e", workplace["\(origin).log"], "-p", workplace.path]
      let last = ["-c", workplace["\(origin).conf"]]
      try start("origin \(name)", words + last, programs, log: "\(origin).log", workplace)
    }
    let text = Files.nodeConfiguration([
      ("FOLDER", workplace.path), ("ADDRESS", settings.address), ("PORT", "\(settings.port)"),
      ("METRICS", "\(settings.metricsPort)"), ("ORIGIN_A", "\(settings.originPort(0))"),
      ("ORIGIN_B", "\(settings.originPort(1))"),
    ])
    try workplace.write(text, to: "spillway.toml")
    let words = [programs.spillway, "serve", "-c", workplace["spillway.toml"]]
    try start("node", words, programs, log: "node.log", workplace)
    for (index, name) in LiveDemo.origins.enumerated() {
      let port = Port(address: "127.0.0.1", number: settings.originPort(index))
      try wait("origin \(name)", DemoLimits.serverWaitMilliseconds, in: workplace) {
        port.status(of: "/") == 200
      }
      voice.progress("origin \(name) is up")
    }
    let port = Port(address: "127.0.0.1", number: settings.metricsPort)
    try wait("the node", DemoLimits.serverWaitMilliseconds, in: workplace) {
      port.status(of: "/healthz") == 200
    }
    voice.progress("the node is up")
  }

  /// Starts both encoders on the same second, and waits until there is something to play.
  ///
  /// - Returns: all parts of the demo.
  private mutating func startEncoders(
    _ programs: Programs, in workplace: Workplace
  ) throws(DemoFailure) -> [Child] {
    let start = Moment.wall / 1000 + 1
    try wait("the next second", DemoLimits.serverWaitMilliseconds, in: workplace) {
      Moment.wall >= start * 1000
    }
    for name in LiveDemo.origins {
      let words = Encoder(start: start, folder: workplace["origin-\(name)"])
        .arguments(programs.ffmpeg)
      try self.start("encoder \(name)", words, programs, log: "encoder-\(name).log", workplace)
    }
    var shown = -1
    try wait("the first segments", DemoLimits.publicationWaitMilliseconds, in: workplace) {
      [voice] in
      let published =
        LiveDemo.origins
        .map { Encoder.segmentsPublished(in: "origin-\($0)", of: workplace) }.min() ?? 0
      let wanted = DemoLimits.segmentsBeforeOpening
      if published > shown {
        shown = published
        voice.progress("encoders have published \(min(published, wanted)) of \(wanted) segments")
      }
      return published >= wanted
    }
    return children.running
  }

  private mutating func start(
    _ name: String, _ words: [String], _ programs: Programs, log: String, _ workplace: Workplace
  ) throws(DemoFailure) {
    children.add(try Child(name, words, programs: programs, log: log, in: workplace))
  }

  /// Waits until `isDone`; a stop, a child's death and the limit end it early.
  private mutating func wait(
    _ what: String, _ limit: Int, in workplace: Workplace, until isDone: () -> Bool
  ) throws(DemoFailure) {
    let end = Moment.now + limit
    while !isDone() {
      guard Moment.now < end else {
        throw DemoFailure(message: "\(what): nothing within \(limit / 1000) s")
      }
      try look(signals.next(withinMilliseconds: DemoLimits.lookMilliseconds), in: workplace)
    }
  }

  private mutating func waitForEnd(in workplace: Workplace) throws(DemoFailure) {
    let end = settings.seconds.map { Moment.now + Int($0) * 1000 } ?? .max
    while Moment.now < end {
      let rest = min(end - Moment.now, 3_600_000)
      try look(signals.next(withinMilliseconds: max(1, rest)), in: workplace)
    }
  }

  /// Ends the wait when it must end.
  private mutating func look(
    _ event: Signals.Event, in workplace: Workplace
  ) throws(DemoFailure) {
    switch event {
    case .stop: throw .stopped
    case .nothing: return
    case .child:
      guard let (child, ending) = children.firstEnded() else { return }
      let words = workplace.end(of: child.log).split(separator: "\n")
        .suffix(DemoLimits.lastWordsLines).map { "\n  \($0)" }.joined()
      throw DemoFailure(message: "\(child.name) has ended (\(ending))\(words)")
    }
  }
}
