public import Bytes

/// What a node knows of its origins' servers: one `Health` for each host and port, for all workers.
///
/// Any thread may call any method. Workers do when a fetch begins and when it ends, the prober when
/// a probe does, so the lock is taken a few times for each and never for a hit.
public final class HealthBoard: @unchecked Sendable {
  // Exception: unchecked, because `servers` is guarded by `lock`.
  private struct Server {
    var host: String
    var port: UInt16
    var health = Health()
    var latency = Latency()
    /// Fetches that ask it now.
    var running = 0
    var probes: Probes?
    /// The operator wants it left in peace.
    var isDrained = false
  }

  /// What is known of an origin's servers at one instant.
  struct View: Equatable {
    /// Healthy ones.
    var sound: ServerSet = []
    /// Others that one fetch may try now.
    var open: ServerSet = []
    /// Those that an operator drains, of which one that is well is neither sound nor open.
    var drained: ServerSet = []
    /// Of the drained ones those that could be asked.
    var spare: ServerSet = []
    /// Those that could be asked, if an operator wants it.
    var usable: ServerSet { sound.union(open).union(spare) }
    /// Those that are not sound, the least bad first, drained ones last.
    var leastBad: [Int] = []
    /// Thousandths of its share that each gets; empty where all get all.
    var shares: [Int] = []
    /// Microseconds until the first byte that each took lately; empty where nothing is known.
    var latencies: [Int] = []
    /// How many fetches ask each now; empty where none does.
    var running: [Int] = []

    func share(of index: Int) -> Int { shares.isEmpty ? 1000 : shares[index] }
    func latency(of index: Int) -> Int { latencies.isEmpty ? 0 : latencies[index] }
    func running(of index: Int) -> Int { running.isEmpty ? 0 : running[index] }
  }

  private let lock = Lock()
  private var servers: [Server] = []

  /// Knows of nobody.
  public init() {}

  /// The place of a host and port, which becomes known if it was not.
  func place(host: String, port: UInt16) -> Int {
    lock.lock()
    defer { lock.unlock() }
    if let known = servers.firstIndex(where: { $0.host == host && $0.port == port }) {
      return known
    }
    servers.append(Server(host: host, port: port))
    return servers.count - 1
  }

  /// The server at a place is probed from now on: before any fetch.
  func probes(_ place: Int, by rule: Health.ProbeRule) {
    lock.lock()
    defer { lock.unlock() }
    servers[place].health = Health(probes: rule)
    servers[place].probes = Probes()
  }

  /// Fetches prefer other servers than the one at a place from now on, or no longer do.
  ///
  /// - Returns: Whether that changes anything.
  func drain(_ place: Int, _ isDrained: Bool) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    guard servers[place].isDrained != isDrained else { return false }
    servers[place].isDrained = isDrained
    return true
  }

  /// What is known of these places, at most 64.
  func view(of places: [Int], at now: Instant) -> View {
    lock.withLock { look(at: places, now) }
  }

  /// A fetch asks one of these places, as `choose` says; `nil` where it says that none will do.
  ///
  /// At most 64 places. Nothing changes between the look and the choice, whatever other workers
  /// do. Tells too whether the fetch tries a server that is not trusted, which only one with
  /// `mayTry` does: then what comes of it must be noted, whatever it is. `left` ends it.
  func ask(
    _ places: [Int], at now: Instant, mayTry: Bool, choose: (View) -> Int?
  ) -> (server: Int, isTrial: Bool)? {
    lock.lock()
    defer { lock.unlock() }
    let view = look(at: places, now)
    guard let server = choose(view) else { return nil }
    servers[places[server]].running += 1
    guard mayTry, view.open.contains(server) else { return (server, false) }
    return (server, servers[places[server]].health.beginTrial(at: now))
  }

  /// A fetch no longer asks a server.
  func left(_ place: Int) {
    lock.withLock {
      precondition(servers[place].running > 0, "a server is left that nobody asked")
      servers[place].running -= 1
    }
  }

  /// A server took so long for the first byte of a good answer.
  func noteFirstByte(_ microseconds: Int, of place: Int, at now: Instant) {
    lock.withLock { servers[place].latency.add(microseconds, at: now) }
  }

  /// What is known of these places.
  private func look(at places: [Int], _ now: Instant) -> View {
    var view = View()
    for (index, place) in places.enumerated() {
      let server = servers[place]
      view.latencies.append(server.latency.microseconds(at: now))
      view.running.append(server.running)
      if server.isDrained {
        view.drained.insert(index)
        if server.health.state == .healthy || server.health.mayBeTried(at: now) {
          view.spare.insert(index)
        }
        continue
      }
      if server.health.state == .healthy {
        view.sound.insert(index)
        let share = server.health.share(at: now)
        if share < 1000 {
          if view.shares.isEmpty { view.shares = Array(repeating: 1000, count: places.count) }
          view.shares[index] = share
        }
      } else {
        if server.health.mayBeTried(at: now) { view.open.insert(index) }
        view.leastBad.append(index)
      }
    }
    if view.leastBad.count > 1 {
      view.leastBad.sort { servers[places[$0]].health.badness < servers[places[$1]].health.badness }
    }
    view.leastBad += view.drained.places
    return view
  }

  /// What came of a fetch.
  enum Sign: Equatable {
    /// A whole answer.
    case success
    /// A whole answer that is an error of the server.
    case errorAnswer
    /// No whole answer, and that was the server's fault.
    case failure
    /// Nothing: it was cancelled, or failed for another reason.
    case nothing
  }

  /// What a sign changed that an operator should hear of.
  enum Change: Equatable {
    /// The server failed so often that it is down.
    case wentDown
    /// The server was down and is trusted again.
    case cameUp
  }

  /// A probe is about to be sent; false where one is under way.
  func beginProbe(_ place: Int) -> Bool {
    lock.withLock { servers[place].health.beginProbe() }
  }

  /// Notes what came of a probe; `fault` is `nil` where it passed.
  ///
  /// - Returns: how far the server was trusted before, and is now.
  func note(
    probe fault: ProbeFault?, of place: Int, at now: Instant
  ) -> (before: Health.State, after: Health.State) {
    lock.lock()
    defer { lock.unlock() }
    let before = servers[place].health.state
    if fault == nil {
      servers[place].health.probeSucceeded(at: now)
      servers[place].probes?.passed &+= 1
    } else {
      servers[place].health.probeFailed(at: now)
      servers[place].probes?.failed &+= 1
    }
    servers[place].probes?.last = now
    servers[place].probes?.fault = fault
    return (before, servers[place].health.state)
  }

  /// Notes what came of a fetch; tells what that changed, once over all workers.
  @discardableResult
  func note(_ sign: Sign, of place: Int, at now: Instant, isTrial: Bool) -> Change? {
    lock.lock()
    defer { lock.unlock() }
    let before = servers[place].health.state
    switch sign {
    case .success: servers[place].health.succeeded(at: now, isTrial: isTrial)
    case .errorAnswer: servers[place].health.answeredError(at: now, isTrial: isTrial)
    case .failure: servers[place].health.failed(at: now, isTrial: isTrial)
    case .nothing: if isTrial { servers[place].health.endTrial() }
    }
    let wasDown = before == .down || before == .halfOpen
    switch servers[place].health.state {
    case .down: return wasDown ? nil : .wentDown
    case .healthy: return wasDown ? .cameUp : nil
    case .suspect, .halfOpen: return nil
    }
  }

  /// What came of the probes of a server.
  public struct Probes: Sendable, Equatable {
    /// Those that passed.
    public fileprivate(set) var passed: UInt64 = 0
    /// Those that failed.
    public fileprivate(set) var failed: UInt64 = 0
    /// When the last one ended; `nil` before the first has.
    public fileprivate(set) var last: Instant?
    /// Why the last one failed; `nil` where it passed.
    public fileprivate(set) var fault: ProbeFault?
  }

  /// What an operator sees of a server.
  public struct Row: Sendable, Equatable {
    /// Host and port.
    public let name: String
    /// How far it is trusted.
    public let state: Health.State
    /// Failures that speak against it now, of fetches and of probes.
    public let failures: Int
    /// Milliseconds until a fetch tries it again; zero for one that is healthy or probed.
    public let wait: Int64
    /// What came of its probes; `nil` where it is not probed.
    public let probes: Probes?
    /// An operator drains it.
    public let isDrained: Bool
  }

  /// All servers, in the order in which they became known.
  public func rows(at now: Instant) -> [Row] {
    lock.lock()
    defer { lock.unlock() }
    return servers.map {
      Row(
        name: $0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)",
        state: $0.health.state, failures: $0.health.failures, wait: $0.health.wait(at: now),
        probes: $0.probes, isDrained: $0.isDrained)
    }
  }
}
