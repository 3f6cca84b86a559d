public import Bytes

/// The bounds on viewers: each with its reason, and what happens when it is reached.
public enum DeliveryLimits {
  /// Workers of a node: a Body's waiting mask has one bit for each, and one for the volumes.
  public static let workersMax = 63

  /// The bit of the volume that writes a Fill down while it passes.
  static let volumeBit = 63

  /// How long a Fill waits for a volume's answer; then the origin is asked.
  ///
  /// An NVMe answers in a tenth of a millisecond; a disk that is slower than an origin is no cache.
  public static let diskAnswer = Milliseconds(20)

  /// A `sendfile` from a volume that takes longer than this was held up by the disk.
  static let diskStall = Milliseconds(2)

  /// Bytes of a volume that are copied into a Body at once.
  static let diskReadBytes = 262_144

  /// From the first byte of a head to its blank line; then 408.
  ///
  /// A head fits one packet.
  public static let head = Milliseconds.seconds(10)

  /// Between two bytes of a request body; then 408.
  public static let requestBody = Milliseconds.seconds(30)

  /// An idle keep-alive connection is closed after this: nginx's default, above players' reload
  /// intervals.
  public static let keepAlive = Milliseconds.seconds(75)

  /// A viewer that takes no byte of a response for this long is reset.
  public static let sendStall = Milliseconds.seconds(60)

  /// How long unread input is discarded after an early answer, so that the peer reads the answer
  /// instead of a reset.
  public static let linger = Milliseconds.seconds(2)

  /// Running responses may take this long once the node stops; then they are reset.
  public static let drain = Milliseconds.seconds(30)

  /// How long a Fill waits for memory before it is refused with 503.
  public static let memoryWait = Milliseconds.seconds(1)

  /// Between two tries of such a Fill.
  public static let memoryRetry = Milliseconds(10)

  /// Connections that the run queue serves in one turn: fan-out never starves the sockets.
  public static let resumesPerTurn = 64

  /// Bodies up to this many bytes are copied behind their head: one `send` (measured: cheaper than
  /// a second vector).
  public static let copiedBodyBytes = 2048

  /// Ranges from this length on go out by `sendfile`; shorter ones by `writev`.
  ///
  /// Measured per hit of 64 KiB on an idle machine, five runs each in turn: 14 to 19.5 µs (median
  /// 15) with `send` and `sendfile`, 16.5 to 18.5 µs (median 18) with one `writev`. Bodies below
  /// this size lie in slots, which are never lent.
  public static let lentBytes = 32_768

  /// Bytes that one connection may send in one turn before the others get theirs.
  public static let bytesPerTurn = 1 << 20

  /// Responses of pipelined requests that are gathered before they are flushed.
  public static let gatheredBytes = 16_384

  /// Chunks that a worker's idle connections may keep: half a MiB, so that a few busy connections
  /// do not give back and take again with every request (measured: 300 instructions a hit).
  public static let warmChunks = 128

  /// How much a socket is asked for at once.
  public static let readBytes = 4096

  /// Viewer connections of one worker; more are closed at once and counted.
  public static let connectionsPerWorker = 65_536

  /// A stored response's head with everything that is added to it.
  public static let addedHeadBytes = 1024

  /// Times that one exchange looks a key up again before it goes to the origin alone.
  public static let lookUpsMax = 3

  /// Times that a Fill which completes pieces asks for more; then it breaks off.
  ///
  /// There is a gap before, between and behind pieces, and an origin may send each in parts.
  public static let gapFetchesMax = 128

  /// Playlists and manifests shorter than this are sent as they are: with the head they fit into
  /// one packet anyway.
  public static let codedBytesMin = 512

  /// Longer ones are sent as they are: 256 KiB take a worker 2 ms to compress, and up to 12 ms
  /// where nothing in them repeats.
  public static let codedBytesMax = 256 << 10

  /// Playlists and manifests up to this size are held until they are whole and read.
  public static let playlistBytes: UInt64 = 1 << 20

  /// How long a playlist waits for the segments that it names anew, at most half a target duration.
  ///
  /// Longer than a healthy origin takes; then it is published without them.
  public static let segmentWait = Milliseconds.seconds(1)

  /// How long a twin's playlist is waited for: viewers wait for the answer as well.
  public static let twinAnswer = Milliseconds.seconds(1)

  /// How often the rest of one body is asked for.
  ///
  /// At once, then after 0.4 and 0.8 s: a process that is started again is back by then, and a
  /// player's store of two segments is not used up.
  public static let resumptionsMax = 3

  /// The pause before the second time; doubles with each.
  public static let resumptionPause = Milliseconds(400)

  /// The first byte of a blocking reload may take this long: three target durations of 6 s.
  public static let heldReload = Milliseconds.seconds(18)

  /// How long a playlist that lacks the state which was asked for waits until it is asked again.
  ///
  /// Five requests a second at most, as many as a plain live playlist costs its origin.
  public static let reloadPause = Milliseconds(200)

  /// The least that an origin may take for a reload: less would only make connections.
  public static let heldReloadMin = Milliseconds(250)

  /// A key is remembered as uncacheable for this long.
  public static let passMemory = Milliseconds.seconds(60)

  /// A refresh that failed is not tried again before this.
  public static let refreshRetry = Milliseconds.seconds(1)

  /// How long a request for a segment waits for what the origin says of an earlier one: 3 s.
  ///
  /// Three questions of an origin that hangs; then it is 504.
  public static let segmentWaitMax = Milliseconds.seconds(3)

  /// How long a segment that is not there waits until it is asked for again.
  ///
  /// Five requests a second at most; two in the longest time for which one is held.
  public static let segmentPause = Milliseconds(200)

  /// Paths from which players learn the time and that are known: 1 024, one or two a presentation.
  ///
  /// With more all are forgotten, and learnt again with the next manifests.
  public static let clockPathsMax = 1024
}
