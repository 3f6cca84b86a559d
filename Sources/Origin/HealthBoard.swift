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
    var probes: Probes?
  }

  /// What is known of an origin's servers at one instant; bits stand for servers.
  struct View: Equatable {
    /// Healthy ones.
    var sound: UInt64 = 0
    /// Others that one fetch may try now.
    var open: UInt64 = 0
    /// Those that are not sound, the least bad first.
    var leastBad: [Int] = []
    /// Thousandths of its share that each gets; empty where all get all.
    var shares: [Int] = []
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

  /// What is known of these places, at most 64.
  func view(of places: [Int], at now: Instant) -> View {
    lock.lock()
    defer { lock.unlock() }
    var view = View()
    for (index, place) in places.enumerated() {
      let health = servers[place].health
      if health.state == .healthy {
        view.sound |= 1 << UInt64(index)
        let share = health.share(at: now)
        if share < 1000 {
          if view.shares.isEmpty { view.shares = Array(repeating: 1000, count: places.count) }
          view.shares[index] = share
        }
      } else {
        if health.mayBeTried(at: now) { view.open |= 1 << UInt64(index) }
        view.leastBad.append(index)
      }
    }
    if view.leastBad.count > 1 {
      view.leastBad.sort { servers[places[$0]].health.badness < servers[places[$1]].health.badness }
    }
    return view
  }

  /// A fetch is about to try a server that is not healthy; false where another does.
  func beginTrial(_ place: Int, at now: Instant) -> Bool {
    change(place) { $0.beginTrial(at: now) }
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

  /// Notes what came of a fetch.
  func note(_ sign: Sign, of place: Int, at now: Instant, isTrial: Bool) {
    change(place) { health in
      switch sign {
      case .success: health.succeeded(at: now, isTrial: isTrial)
      case .errorAnswer: health.answeredError(at: now, isTrial: isTrial)
      case .failure: health.failed(at: now, isTrial: isTrial)
      case .nothing: if isTrial { health.endTrial() }
      }
    }
  }

  /// A probe is about to be sent; false where one is under way.
  func beginProbe(_ place: Int) -> Bool { change(place) { $0.beginProbe() } }

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

  private func change<Result>(_ place: Int, _ body: (inout Health) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&servers[place].health)
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
  }

  /// All servers, in the order in which they became known.
  public func rows(at now: Instant) -> [Row] {
    lock.lock()
    defer { lock.unlock() }
    return servers.map {
      Row(
        name: $0.host.contains(":") ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)",
        state: $0.health.state, failures: $0.health.failures, wait: $0.health.wait(at: now),
        probes: $0.probes)
    }
  }
}
