internal import Bytes
internal import CLibevent
internal import Glibc

/// The resolver on its thread: an event base, libevent's `evdns`, and the names with their clocks.
@safe final class ResolverRun {
  private let book: AddressBook
  private let hosts: HostsFile
  private let wakeup: Wakeup
  private let base: OpaquePointer
  private let names: OpaquePointer
  private let wakeEvent: UnsafeMutablePointer<event>
  private let timerEvent: UnsafeMutablePointer<event>
  private var lookups: [Lookup] = []
  private var seen = 0

  init(book: AddressBook, configuration: Resolver.Configuration, wakeup: Wakeup) {
    self.book = book
    self.wakeup = wakeup
    hosts = HostsFile(path: configuration.hostsFile)
    unsafe evdns_set_log_fn(ignoreLog)
    guard let base = unsafe event_base_new(), let names = unsafe evdns_base_new(base, 0) else {
      preconditionFailure("no memory for the resolver at start")
    }
    unsafe self.base = base
    unsafe self.names = names
    unsafe wakeEvent = .allocate(capacity: 1)
    unsafe timerEvent = .allocate(capacity: 1)
    let kind = Int16(EV_READ | EV_PERSIST) | Int16(truncatingIfNeeded: EV_ET)
    unsafe event_assign(wakeEvent, base, wakeup.descriptor, kind, onEvent, nil)
    unsafe event_assign(timerEvent, base, -1, 0, onEvent, nil)
    unsafe event_add(wakeEvent, nil)
    chooseServers(configuration)
    book.tell(wakeup)
  }

  /// Frees in this order: requests, own events, the base.
  deinit {
    book.stopTelling(wakeup)
    for lookup in lookups { lookup.run = nil }
    unsafe evdns_base_free(names, 1)
    // The requests that were given up report from the loop.
    unsafe event_base_loop(base, EVLOOP_NONBLOCK)
    unsafe event_del(wakeEvent)
    unsafe event_del(timerEvent)
    unsafe event_base_free(base)
    unsafe wakeEvent.deallocate()
    unsafe timerEvent.deallocate()
  }

  /// Looks names up until told to stop.
  func run(_ commands: Mailbox<ResolverCommand>) {
    var batch: [ResolverCommand] = []
    while true {
      _ = wakeup.takeNotice()
      commands.drain(into: &batch)
      if batch.contains(.stop) { return }
      batch.removeAll(keepingCapacity: true)
      takeNewNames()
      lookUpWhatIsDue()
      armTimer()
      let isSleepy = wakeup.prepareToSleep()
      unsafe event_base_loop(base, isSleepy ? EVLOOP_ONCE : EVLOOP_ONCE | EVLOOP_NONBLOCK)
    }
  }

  private func chooseServers(_ configuration: Resolver.Configuration) {
    let seconds = max(1, configuration.timeout.count / 1000)
    // Numbers and names are constants, so a refusal would be a change of libevent.
    unsafe evdns_base_set_option(names, "timeout:", "\(seconds)")
    unsafe evdns_base_set_option(names, "attempts:", "2")
    unsafe evdns_base_set_option(names, "initial-probe-timeout:", "1")
    for server in configuration.servers { unsafe evdns_base_nameserver_ip_add(names, server) }
    if configuration.servers.isEmpty {
      let wanted = DNS_OPTION_SEARCH | DNS_OPTION_NAMESERVERS | DNS_OPTION_MISC
      unsafe evdns_base_resolv_conf_parse(names, wanted, configuration.resolverFile)
    }
    if unsafe evdns_base_count_nameservers(names) == 0 {
      unsafe evdns_base_nameserver_ip_add(names, "127.0.0.1")
    }
  }

  private func takeNewNames() {
    let added = book.names(from: seen)
    seen = added.end
    for (index, entry) in added.names {
      lookups.append(Lookup(index: index, host: entry.host, port: entry.port))
    }
  }

  private func lookUpWhatIsDue() {
    let now = Instant.read()
    for lookup in lookups where lookup.asking == 0 && lookup.due <= now {
      let known = hosts.addresses(of: lookup.host, port: lookup.port)
      if known.isEmpty {
        ask(lookup)
      } else {
        book.publish(known, for: lookup.index)
        lookup.due = now + LoopLimits.lookupIntervalMax
      }
    }
  }

  private func ask(_ lookup: Lookup) {
    lookup.begin()
    lookup.run = self
    // A lookup lives as long as `lookups`, which outlives the requests (see `deinit`).
    let argument = unsafe Unmanaged.passUnretained(lookup).toOpaque()
    // The third answer is our own: nothing is published before both questions are asked.
    lookup.asking = 3
    if unsafe evdns_base_resolve_ipv4(names, lookup.host, 0, onAnswer, argument) == nil {
      settle(lookup)
    }
    if unsafe evdns_base_resolve_ipv6(names, lookup.host, 0, onAnswer, argument) == nil {
      settle(lookup)
    }
    settle(lookup)
  }

  /// Notes that one question is answered; the last one publishes.
  fileprivate func settle(_ lookup: Lookup) {
    lookup.asking -= 1
    guard lookup.asking == 0 else { return }
    let addresses = Array((lookup.four + lookup.six).prefix(LoopLimits.addressesPerName))
    let interval =
      addresses.isEmpty
      ? LoopLimits.lookupIntervalMin
      : min(max(lookup.interval, LoopLimits.lookupIntervalMin), LoopLimits.lookupIntervalMax)
    lookup.due = Instant.read() + interval
    book.publish(addresses, for: lookup.index)
  }

  private func armTimer() {
    unsafe event_del(timerEvent)
    let idle = lookups.filter { $0.asking == 0 }
    guard let next = idle.map(\.due).min() else { return }
    let wait = max(Milliseconds.zero, next - Instant.read()).count + 1
    var delay = timeval(tv_sec: Int(wait / 1000), tv_usec: Int(wait % 1000) * 1000)
    unsafe event_add(timerEvent, &delay)
  }
}

/// One name, what was heard of it in the present round, and when the next one is due.
private final class Lookup {
  let index: AddressBook.Index
  let host: String
  let port: UInt16
  unowned(safe) var run: ResolverRun?
  var due = Instant(nanoseconds: 0)
  var asking = 0
  var four: [SocketAddress] = []
  var six: [SocketAddress] = []
  var interval = LoopLimits.lookupIntervalMax

  init(index: AddressBook.Index, host: String, port: UInt16) {
    self.index = index
    self.host = host
    self.port = port
  }

  func begin() {
    four.removeAll(keepingCapacity: true)
    six.removeAll(keepingCapacity: true)
    interval = LoopLimits.lookupIntervalMax
  }

  /// Takes the addresses of an answer, as `evdns` lays them out.
  func take(kind: Int32, count: Int, timeToLive: Int32, _ records: UnsafeRawPointer) {
    interval = min(interval, .seconds(Int64(max(timeToLive, 0))))
    for number in 0..<min(count, LoopLimits.addressesPerName) {
      if kind == DNS_IPv4_A {
        let bits = unsafe records.loadUnaligned(fromByteOffset: number * 4, as: UInt32.self)
        four.append(SocketAddress(host: .ipv4(UInt32(bigEndian: bits)), port: port))
      } else {
        let high = unsafe records.loadUnaligned(fromByteOffset: number * 16, as: UInt64.self)
        let low = unsafe records.loadUnaligned(fromByteOffset: number * 16 + 8, as: UInt64.self)
        let host = SocketAddress.Host.ipv6(
          high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), scope: 0)
        six.append(SocketAddress(host: host, port: port))
      }
    }
  }
}

private let onAnswer:
  @convention(c) (
    Int32, CChar, Int32, Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
  ) -> Void = { result, kind, count, timeToLive, records, argument in
    guard let argument = unsafe argument else { return }
    let lookup = unsafe Unmanaged<Lookup>.fromOpaque(argument).takeUnretainedValue()
    if result == DNS_ERR_NONE, let records = unsafe records {
      unsafe lookup.take(
        kind: Int32(kind), count: Int(count), timeToLive: timeToLive, records)
    }
    lookup.run?.settle(lookup)
  }

/// The wakeup and the clock say all; the event only ends the wait.
private let onEvent: @convention(c) (Int32, Int16, UnsafeMutableRawPointer?) -> Void = { _, _, _ in
}

/// The book counts failures; libevent's own lines on standard error would be no access log.
private let ignoreLog: @convention(c) (Int32, UnsafePointer<CChar>?) -> Void = { _, _ in }
