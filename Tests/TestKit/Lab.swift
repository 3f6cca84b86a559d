public import Bytes
public import Delivery
import Loop
public import Origin
public import Policy

/// A world with origins, one edge and viewers, all from one seed: what scenarios are written in.
///
/// Everything runs on one thread in virtual time. The seed decides in which order workers turn and
/// sockets report, and, over rough links, how bytes are cut and delayed.
public final class Lab {
  /// The network and the clock.
  public let world: SimulatedWorld
  /// The seed that replays this run.
  public let seed: UInt64
  /// The origins, in the order in which they were made.
  public private(set) var origins: [ScriptedOrigin] = []
  /// The viewers, in the order in which they came.
  public private(set) var viewers: [LabViewer] = []

  /// The edge's memory.
  public var memory = 8 << 20
  /// The largest object that is kept; an eighth of the memory where nothing is said.
  public var objectBytesMax: Int?
  /// Cache-Status names the key.
  public var showsKey = false
  /// The rules of the site.
  public var rules: [RuleSettings] = []
  /// The origin's time-outs.
  public var timeouts = OriginTimeouts()
  /// What the origin's servers have in common.
  public var twins = OriginSettings.Twins.independent
  /// Whether presentations go back to the first server.
  public var returns = OriginSettings.Return.manual
  /// What becomes of live playlists when no server answers.
  public var onDead = OriginSettings.OnDead.error
  /// How its servers share the fetches.
  public var policy: OriginSettings.Policy?
  /// Absolute URLs of the origin become paths.
  public var rewrite = false
  /// The Host that the origin is asked for.
  public var hostSent = HostSent.origin
  /// What its servers have in front of every path.
  public var pathPrefix = ""
  /// How many fetches of the origin may run.
  public var fillsMax = 1000

  /// How the origin's servers are probed; `nil`: they are not.
  public var health: ProbeSettings?
  /// Who looks at watched playlists; `nil`: the edge, as it does.
  public var probeListener: ProbeListener?

  private var made: LabEdge?

  /// Makes an empty world; a rough one cuts and delays all bytes.
  public init(seed: UInt64, isRough: Bool = false) {
    self.seed = seed
    world = SimulatedWorld(seed: seed)
    if isRough { world.link = Lab.roughLink(&world.random) }
  }

  /// A link with small buffers and pieces of random lengths that come at random times; one that is
  /// not harsh has no pieces so small that a megabyte takes a million of them.
  public static func roughLink(
    _ random: inout RandomSource, isHarsh: Bool = true
  ) -> LinkConditions {
    var link = LinkConditions()
    link.latency = Milliseconds(Int64.random(in: 1...20, using: &random))
    link.jitter = Milliseconds(Int64.random(in: 0...10, using: &random))
    link.segmentBytesMax = [1, 7, 100, 1400, 9000].randomElement(using: &random) ?? 1
    link.segmentsAreRandom = Bool.random(using: &random)
    link.readBytesMax = [1, 13, 1000, .max].randomElement(using: &random) ?? 1
    link.bufferBytes = [64, 1500, 10_000, 65_536].randomElement(using: &random) ?? 64
    if !isHarsh {
      link.segmentBytesMax = max(link.segmentBytesMax, 1400)
      link.readBytesMax = max(link.readBytesMax, 1000)
      link.bufferBytes = max(link.bufferBytes, 10_000)
    }
    return link
  }

  /// Adds an origin server; all of them are servers of the one origin of the edge's one site.
  @discardableResult
  public func origin() -> ScriptedOrigin {
    precondition(made == nil, "origins come before the edge")
    let host = SocketAddress.Host.ipv4(0x0A01_0001 + UInt32(origins.count))
    let origin = ScriptedOrigin(world: world, address: SocketAddress(host: host, port: 80))
    origins.append(origin)
    return origin
  }

  /// Starts the edge with so many workers, and the volumes of `disk`.
  @discardableResult
  public func edge(workers: Int = 1, disk: DiskTier = DiskTier()) -> LabEdge {
    let servers = origins.indices.map {
      ServerSettings(host: "10.1.0.\($0 + 1)", pathPrefix: pathPrefix)
    }
    var origin = OriginSettings(
      name: "o", host: hostSent, servers: servers, timeouts: timeouts)
    origin.twins = twins
    origin.policy = policy
    origin.rewrite = rewrite
    origin.fillsMax = fillsMax
    origin.returns = returns
    origin.onDead = onDead
    origin.health = health
    let settings = NodeSettings(
      name: "edge",
      cache: CacheSettings(
        memoryBytes: memory, objectBytesMax: objectBytesMax ?? memory / 8, showsKey: showsKey),
      origins: [origin],
      sites: [SiteSettings(name: "live", hosts: ["live.example.com"], origin: 0, rules: rules)])
    let edge = LabEdge(
      world: world, settings: settings, workers: workers, disk: disk, listener: probeListener)
    made = edge
    return edge
  }

  /// Connects a viewer, to one worker if it is named, over a link of its own if one is given.
  public func viewer(onWorker worker: Int? = nil, over link: LinkConditions? = nil) -> LabViewer {
    let address = worker.map { LabEdge.address(ofWorker: $0) } ?? LabEdge.address
    let usual = world.links[address]
    if let link { world.links[address] = link }
    let viewer = LabViewer(world: world, endpoint: world.connect(to: address))
    world.links[address] = usual
    viewers.append(viewer)
    return viewer
  }

  /// Connects `count` viewers.
  public func viewers(_ count: Int) -> [LabViewer] { (0..<count).map { _ in viewer() } }

  /// The present virtual time.
  public var now: Instant { world.now }

  /// Lets time pass until `condition` holds, at most `limit` of it.
  public func run(
    limit: Milliseconds = Milliseconds.seconds(120), until condition: () -> Bool
  ) -> SimulatedWorld.Outcome {
    let end = world.now + limit
    while true {
      let active = (made?.workers ?? []).filter { !$0.isDrained }
      let loops = active.map(\.loop) + [made?.prober?.loop].compactMap { $0 }
      let outcome = world.run(loops, limit: end - world.now) {
        condition() || active.contains { $0.isDrained }
      }
      if outcome != .met || condition() { return outcome }
    }
  }

  /// Lets `length` of time pass.
  public func wait(_ length: Milliseconds) {
    let end = world.now + length
    while run(limit: end - world.now, until: { world.now >= end }) == .idle, world.now < end {
      world.step(until: end)
    }
  }
}

extension LinkConditions {
  /// A link that carries so many bytes a second and holds few on the way.
  public static func slow(bytesPerSecond: Int64, bufferBytes: Int = 2048) -> LinkConditions {
    var link = LinkConditions()
    link.bytesPerSecond = bytesPerSecond
    link.bufferBytes = bufferBytes
    link.segmentBytesMax = 512
    return link
  }
}
