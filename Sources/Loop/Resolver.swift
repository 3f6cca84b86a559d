public import Bytes

/// Keeps the address book true: one thread that asks the name servers, without blocking on any.
///
/// Names are looked up when they are registered and again when their TTL has passed (at least 1 s,
/// at most 60 s; after a failure 1 s). `/etc/hosts` and `localhost` go before the servers.
public final class Resolver {
  /// Whom to ask.
  public struct Configuration: Sendable {
    /// Name servers as `127.0.0.1` or `127.0.0.1:5353`; empty: those of `resolverFile`.
    public var servers: [String] = []
    /// Where the system names its servers and search domains.
    public var resolverFile = "/etc/resolv.conf"
    /// Where the system names hosts without a server.
    public var hostsFile = "/etc/hosts"
    /// How long a server may take for an answer.
    public var timeout = Milliseconds(2_000)

    /// The system's configuration.
    public init() {}
  }

  private let wakeup: Wakeup
  private let commands: Mailbox<ResolverCommand>
  private let thread: WorkerThread

  /// Starts the thread; names may be registered before and after.
  ///
  /// - Throws: `SystemError` when the system has no thread, descriptor or memory left.
  public init(
    book: AddressBook, configuration: Configuration = Configuration()
  ) throws(SystemError) {
    let wakeup = try Wakeup()
    let commands = Mailbox<ResolverCommand>(wakeup: wakeup, reserve: 4)
    self.wakeup = wakeup
    self.commands = commands
    thread = try WorkerThread(name: "resolver") {
      ResolverRun(book: book, configuration: configuration, wakeup: wakeup).run(commands)
    }
  }

  /// Gives up what is being asked and joins the thread.
  public func stop() {
    commands.post(.stop)
    thread.join()
  }
}

/// What a resolver's thread is told.
enum ResolverCommand: Sendable {
  case stop
}
