public import Bytes

/// The addresses of all names that the node connects to: written by the resolver, read by workers.
///
/// A worker looks a name up once per new connection and gets a snapshot. A failed lookup keeps the
/// addresses that were known. Any thread may call any method.
public final class AddressBook: @unchecked Sendable {
  // Exception: @unchecked, because `entries` and `listeners` are guarded by `lock`.

  /// Names one host and port of the book.
  public struct Index: Hashable, Sendable {
    let value: Int
  }

  /// What the book knows of one host and port.
  public struct Entry: Sendable {
    /// A name, or an address literal without brackets.
    public let host: String
    /// The port of all its addresses.
    public let port: UInt16
    /// Where to connect, in the order to try; empty until the first lookup has succeeded.
    public fileprivate(set) var addresses: [SocketAddress] = []
    /// Grows by one whenever the addresses change.
    public fileprivate(set) var version: UInt64 = 0
    /// Lookups that gave no address.
    public fileprivate(set) var failures: UInt64 = 0
    /// Lookups that gave one, a literal's included.
    public fileprivate(set) var successes: UInt64 = 0
  }

  private let lock = Lock()
  private let settled: Wakeup
  private var entries: [Entry] = []
  private var listeners: [Wakeup] = []

  /// Makes an empty book.
  ///
  /// - Throws: `SystemError` when there is no descriptor left.
  public init() throws(SystemError) { settled = try Wakeup() }

  /// Adds a host and port, or finds them; a literal has its address at once, a name after its
  /// first lookup.
  public func register(host: String, port: UInt16) -> Index {
    lock.lock()
    defer { lock.unlock() }
    if let known = entries.firstIndex(where: { $0.host == host && $0.port == port }) {
      return Index(value: known)
    }
    var entry = Entry(host: host, port: port)
    if let literal = SocketAddress(literal: host, port: port) {
      entry.addresses = [literal]
      entry.version = 1
      entry.successes = 1
    }
    entries.append(entry)
    for listener in listeners { listener.wake() }
    return Index(value: entries.count - 1)
  }

  /// Where to connect now, in the order to try; empty when no lookup has succeeded yet.
  public func addresses(_ index: Index) -> [SocketAddress] {
    lock.lock()
    defer { lock.unlock() }
    return entries[index.value].addresses
  }

  /// All that is known of a host and port.
  public func entry(_ index: Index) -> Entry {
    lock.lock()
    defer { lock.unlock() }
    return entries[index.value]
  }

  /// Puts down the outcome of a lookup; an empty list is a failure and keeps what was known.
  ///
  /// For the resolver, and for tests that play it.
  public func publish(_ addresses: [SocketAddress], for index: Index) {
    lock.lock()
    if addresses.isEmpty {
      entries[index.value].failures &+= 1
    } else {
      entries[index.value].successes &+= 1
      if entries[index.value].addresses != addresses {
        entries[index.value].addresses = addresses
        entries[index.value].version &+= 1
      }
    }
    lock.unlock()
    settled.wake()
  }

  /// Waits until every name has had the outcome of a lookup; at start, by one thread.
  ///
  /// - Returns: `true` when all of them have an address.
  public func waitUntilResolved(timeout: Milliseconds) -> Bool {
    let deadline = Instant.read() + timeout
    while true {
      let (isSettled, isResolved) = progress()
      if isSettled || Instant.read() >= deadline { return isResolved }
      _ = settled.sleep(until: deadline)
    }
  }

  private func progress() -> (isSettled: Bool, isResolved: Bool) {
    lock.lock()
    defer { lock.unlock() }
    return (
      entries.allSatisfy { $0.successes + $0.failures > 0 },
      entries.allSatisfy { !$0.addresses.isEmpty }
    )
  }

  /// The entries from number `start` on that are names: what a resolver has not seen yet.
  func names(from start: Int) -> (names: [(index: Index, entry: Entry)], end: Int) {
    lock.lock()
    defer { lock.unlock() }
    var names: [(index: Index, entry: Entry)] = []
    for number in start..<entries.count
    where SocketAddress(literal: entries[number].host, port: 0) == nil {
      names.append((Index(value: number), entries[number]))
    }
    return (names, entries.count)
  }

  /// Wakes `listener` whenever a name is added.
  func tell(_ listener: Wakeup) {
    lock.lock()
    listeners.append(listener)
    lock.unlock()
  }

  /// Wakes `listener` no more.
  func stopTelling(_ listener: Wakeup) {
    lock.lock()
    listeners.removeAll { $0 === listener }
    lock.unlock()
  }
}
