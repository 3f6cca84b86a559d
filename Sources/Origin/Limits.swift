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

  /// How many primaries may be left out at once where servers share, in percent.
  ///
  /// As HAProxy and Envoy's panic threshold do at half: beyond that the ones left would get twice
  /// their load and fail too. The least bad ones stay in; what fails there goes on elsewhere.
  public static let leftOutPercent = 50

  /// The most fetches that run at one server under the policy "hash", in percent of the average.
  ///
  /// The constant of HAProxy's and Vimeo's bounded loads (`hash-balance-factor`): little enough to
  /// spare a server under a hot key, much enough that few keys move.
  public static let hashLoadPercent = 125

  /// What one time until a first byte counts in the average of a server: one part in so many.
  public static let latencyDivisor = 4

  /// The time in which what is known of a server's times counts half.
  ///
  /// Under "least-latency" a server that was slow is not asked; its time must be forgotten for it
  /// to be found again.
  public static let latencyHalfLife = Milliseconds.seconds(10)

  /// The shortest time until a first byte that is told apart, in microseconds.
  ///
  /// Also what is supposed of a server of which nothing is known.
  public static let latencyFloorMicroseconds = 500

  /// How long a server is put last after its first failure; doubles with each further one.
  public static let shunFirst = Milliseconds.seconds(1)

  /// The longest time for which a server is put last.
  ///
  /// Without health probes a fetch is the only probe: a server that is back must be found again
  /// within one segment.
  public static let shunMax = Milliseconds.seconds(5)

  /// The seconds over which retries are held against fetches.
  ///
  /// Finagle's default: longer than a burst of one segment's fetches, shorter than an outage.
  public static let retryWindowSeconds = 10

  /// Retries, hedges and resumptions of an origin, in percent of its fetches in the window.
  ///
  /// The default of Envoy's and Finagle's budgets: one server of five may be lost without anybody
  /// noticing, and an origin that is down as a whole gets a fifth more and not twice as much. Where
  /// the budget is used up, the fetch fails as it would without another server.
  public static let retryPercent = 20

  /// Retries a second that an origin gets however few its fetches are.
  ///
  /// Finagle's default. A node that fetches little must fail over all the same.
  public static let retriesPerSecond = 10

  /// Hedges of an origin in percent of its fetches, whenever they are counted from.
  ///
  /// With hedges at the 95th percentile as many are late in good times; when all are late, more
  /// requests are the last thing that the origin needs (Dean and Barroso, The Tail at Scale).
  public static let hedgePercent = 5

  /// Hedges that an origin may save up while all its answers come in time.
  public static let hedgesSavedMax = 10

  /// Times until a first byte that must be known before an answer can be called late.
  public static let hedgeSamplesMin = 20

  /// The shortest time after which an answer can be called late: a tick of the timers.
  public static let hedgeDelayMin = Milliseconds(10)

  /// Times until a first byte after which all older ones count half.
  ///
  /// Some minutes of a stream of a few renditions.
  public static let firstByteSamples = 1000

  /// Fetches of one urgency that wait for an origin at its `max_fills`, in the whole node.
  ///
  /// Each is a Fill that nobody has bytes of yet: as many as the default lets run. Beyond that a
  /// queue only makes failures late; the next one fails with `.originBusy` (503).
  public static let waitingMax = 1000

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

  /// Events of one presentation that are kept for the operator: a day of a switch every 6 minutes.
  public static let timelineMax = 256

  /// Epochs of one presentation that a restart of the node remembers.
  ///
  /// A switch every minute for a week.
  public static let epochsMax = 10_080

  /// Live presentations that are known at once; the one that was asked for least recently goes.
  ///
  /// What was sent of it is forgotten with it: it then begins anew at its server's numbers.
  public static let presentationsMax = 4096

  /// Playlists of one presentation that are known at once.
  ///
  /// Ladders have a dozen; every session that has a query of its own has its own. The one that was
  /// asked for least recently goes.
  public static let renditionsMax = 256

  /// Segments that are fetched before the playlist that names them is published: three.
  ///
  /// As many as a player takes from the live edge; a playlist names one more each time.
  public static let unseenMax = 3

  /// Paths whose presentation is known: 65 536, 3 MiB.
  ///
  /// The oldest is forgotten first.
  public static let streamNamesMax = 65_536

  /// How long a presentation stays where it went before it goes back by itself: a minute.
  ///
  /// Each switch may be noticed: a server that comes and goes is not followed back each time.
  public static let returnAfter = Milliseconds.seconds(60)

  /// How often the manifests of an origin's servers are compared: once a minute.
  ///
  /// One request for each server; an encoder that began anew is another timeline.
  public static let compareAgain = Milliseconds.seconds(60)

  /// How often players are told to come back for a manifest of several servers, at most: a second.
  static let updatePeriodMin = Milliseconds(1000)

  /// A playlist that its origin is asked for more often than this, a second, is named to operators:
  /// the shortest lifetime that the node gives one, 200 ms, asks no more often.
  public static let busyPerSecond = 5

  /// The span in which that is counted: what happens in one second is not called busy.
  public static let busySpan = Milliseconds(10_000)

  /// Playlists of which that is counted; more than that are not watched at a time.
  static let busyPlaylistsMax = 4096

  /// How long ago something counts as having changed last, at most, after a restart: a day.
  static let silenceMax = Milliseconds(86_400_000)

  /// Templates of live manifests whose edge is known: 8 192, about 4 MiB.
  ///
  /// Two hundred presentations with forty each. Beyond that those that were not used for a minute
  /// are forgotten, else all: they are learnt again with the next manifest.
  public static let segmentTemplatesMax = 8192

  /// The shortest time for which later segments count as missing behind one that was: 250 ms.
  ///
  /// As long as "not found" of a live segment is kept by default.
  public static let segmentMissingMin = Milliseconds(250)

  /// The longest such time, whatever the origin says: 1 s.
  ///
  /// A segment that has come must be found soon. It holds for all behind the next segment: they
  /// cannot come sooner.
  public static let segmentMissingMax = Milliseconds(1000)

  /// How long later segments wait for the answer to a question beyond the edge: 1 s.
  ///
  /// Then the next one is asked for as well: one request a second for each template reaches an
  /// origin that hangs.
  public static let segmentQuestionMax = Milliseconds(1000)

  /// Fetches of one template that wait for such an answer: 1 024.
  ///
  /// Half a second of a client that asks 2 000 times a second. Nobody else asks for so many at
  /// once: further ones are told that their segment is not there.
  public static let segmentWaitersMax = 1024

  /// The longest time for which a segment that is about to be there is held: half a second.
  ///
  /// Players count longer ones as a slow network.
  public static let segmentHoldMax = Milliseconds(500)

  /// How long a template that nobody asks for is known where others need the room: a minute.
  ///
  /// Players of a live stream ask several times in it.
  static let segmentTemplateMemory = Milliseconds.seconds(60)

  /// How long a segment that was due and missing is held against its server: half a minute.
  ///
  /// Players that get nothing stop asking; what nobody has seen for so long may be over.
  public static let overdueMemory = Milliseconds.seconds(30)
}
