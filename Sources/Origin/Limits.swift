public import Bytes

/// The limits of fetching, each with its reason and with what happens when it is reached.
public enum OriginLimits {
  /// Idle connections kept to one server by one worker.
  ///
  /// A live node refills a few segments at a time: 64 spare connections cover a burst of all
  /// renditions, and 100 workers of a PoP still leave nginx's default of 512 connections alone.
  /// The oldest idle connection is closed for a new one.
  public static let idlePerServerMax = 64

  /// How long a connection may lie idle.
  ///
  /// Below the 60 s and 75 s after which common origins close (lighttpd, nginx), so that we mostly
  /// close first and seldom meet a connection that died. It is closed when the time is up.
  public static let idleTime = Milliseconds.seconds(50)

  /// Connections of one worker to all origins.
  ///
  /// Bounds descriptors: two are needed per Fill at most. When reached, the oldest idle connection
  /// is closed; if none is idle, the fetch fails with `.overLimit` (503).
  public static let connectionsMax = 4096

  /// Requests sent over one connection before it is closed.
  ///
  /// Below nginx's default of 1000 (`keepalive_requests`), after which it closes, so that we close
  /// first. Also lets a changed DNS answer take effect on busy connections.
  public static let exchangesPerConnectionMax = 900

  /// Attempts of one fetch, over all servers, addresses and fresh connections.
  ///
  /// At the default time-outs eight attempts last longer than any player waits. Then it fails.
  public static let attemptsMax = 8

  /// Servers of one origin that are told apart; a 64-bit mask holds the tried ones.
  ///
  /// Servers beyond the 64th are never chosen.
  public static let serversMax = 64

  /// Addresses of one server that one fetch tries before it goes to the next server.
  ///
  /// Two families and one spare; a name with a hundred addresses must not use up the attempts.
  public static let addressesTriedMax = 3

  /// Interim responses (100, 102, 103) that one exchange may bring.
  ///
  /// Each one restarts the wait for the first byte, so their number must end. More are a bad head.
  public static let interimsMax = 32

  /// Bytes of the memory in which a head is collected: the largest head accepted.
  ///
  /// The limit of 32 KiB for heads. A longer head fails with `.headTooLarge` (502).
  public static let headBytesMax = 32 * 1024

  /// Bytes asked for in a read that waits for a head.
  ///
  /// Takes a small answer (a playlist) in one system call, and copies at most this much of a large
  /// body: the rest is read straight into the client's memory.
  public static let headReadBytes = 8 * 1024

  /// Bytes of the scratch into which a worker reads bodies that cannot be read in place.
  ///
  /// One block of the arena; the size at which a read's cost no longer falls.
  public static let scratchBytes = 64 * 1024

  /// Body bytes read from one connection in one turn, so that one fast origin starves nobody.
  ///
  /// About 100 µs of copying, a tenth of the millisecond that a callback may last. The socket
  /// stays ready and goes on in the next turn.
  public static let turnBytes = 512 * 1024

  /// Bytes of a request body held between the viewer and the origin.
  ///
  /// All that a slow origin lets pile up here; then the viewer is no longer read.
  public static let uploadBytes = 16 * 1024

  /// Bytes of a head buffer that a fetch keeps for the next one.
  public static let keptHeadBytes = 4 * 1024

  /// Failures in a row after which a server is down and no longer only suspect.
  ///
  /// As nginx's and HAProxy's defaults, which are 1 to 3. While suspect it is last already.
  public static let failuresToDown = 3

  /// Whole good answers after which a server that was down is up again.
  ///
  /// Varnish asks for 3 good probes; one alone may be the last word of a dying process.
  public static let successesToUp = 3

  /// Answers of 500, 502, 503 or 504 in a row that count as a failure.
  ///
  /// Envoy's `consecutive_5xx`: one broken path among good ones is no sick server.
  public static let errorAnswersToFail = 5

  /// How long a server that came up takes to get its whole share, where servers share by weight.
  ///
  /// Its caches and connections are cold.
  public static let ramp = Milliseconds.seconds(10)

  /// How long a server is put last after its first failure; doubles with each further one.
  public static let shunFirst = Milliseconds.seconds(1)

  /// The longest time for which a server is put last.
  ///
  /// Without health probes a fetch is the only probe: a server that is back must be found again
  /// within one segment.
  public static let shunMax = Milliseconds.seconds(5)

  /// Servers that a node probes.
  ///
  /// A descriptor each at worst; the origins of a live node have a handful of servers. A
  /// configuration that asks for more is refused.
  public static let probedServersMax = 1024

  /// Bytes of a probe's answer in which `body` is looked for.
  ///
  /// A health page is a line or two; what lies behind is read and dropped until the time is up.
  public static let probeSearchBytesMax = 64 * 1024

  /// Bytes of the longest watched playlist or manifest that is looked at.
  ///
  /// A day of two-second segments is over it: its server is well, its content is not judged.
  public static let probePlaylistBytesMax = 1 << 20

  /// Buffers kept for the next fetch; more are freed, so that a burst gives its memory back.
  public static let spareBuffersMax = 64
}
