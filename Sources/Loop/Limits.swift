public import Bytes

/// The named maxima of module Loop, each with its reason and what happens when it is reached.
public enum LoopLimits {
  /// Connections accepted from one listener in one turn.
  ///
  /// More would make the connections that are already served wait; the rest come next turn, since
  /// readiness is level-triggered.
  public static let acceptsPerTurn = 64

  /// Connections that the kernel queues for a listener; the kernel lowers it to `somaxconn`.
  public static let listenBacklog: Int32 = 4096

  /// How long a listener rests when descriptors or memory have run out.
  ///
  /// An accept that fails leaves the listener readable, so trying at once would spin.
  public static let acceptBackOff = Milliseconds(100)

  /// Pieces written by one system call; the rest go with the next one.
  ///
  /// A head, a body run of sixteen blocks and their chunk framing fit; `IOV_MAX` is 1024.
  public static let piecesPerWrite = 64

  /// Bytes asked of one `sendfile`, so that one viewer cannot hold a worker longer than a
  /// millisecond.
  public static let bytesPerSendFile = 4 << 20

  /// A turn that takes longer is counted as a stall.
  public static let turnBudget = Milliseconds(1)

  /// Turns measured step by step after a stall.
  public static let turnsUnderWatch = 64

  /// Jobs waiting for the chores thread; when full, the job is refused and its owner counts it.
  public static let choresWaiting = 1024

  /// The shortest time between two lookups of a name, whatever its TTL says; failures too.
  public static let lookupIntervalMin = Milliseconds(1_000)

  /// The longest time between two lookups of a name.
  public static let lookupIntervalMax = Milliseconds(60_000)

  /// Addresses kept for a name; further ones are dropped.
  public static let addressesPerName = 32

  /// Bytes read of `/etc/hosts`; a longer file is cut, and names in the rest go to DNS.
  public static let hostsBytes = 256 << 10
}
