internal import Glibc
internal import Loop
internal import Telemetry

/// Runs a node until it is told to stop: `spillway serve`.
///
/// Called on the main thread before any other thread exists; `file` is the configuration's, read
/// again on SIGHUP.
/// - Returns: the exit code: 0 after a clean stop, 1 when the node could not start.
public func runNode(_ configuration: Configuration, file: String) -> Int32 {
  let signals = NodeSignals()
  let manager = SystemdNotice()
  let log = ErrorLog(level: configuration.log.level)
  guard let node = start(configuration, log) else {
    log.stop()
    return 1
  }
  manager.ready()
  log.write(.info, "\(configuration.name) serves \(configuration.summary)")
  waiting: while true {
    switch signals.next() {
    case .stop: break waiting
    case .reload: lookAgain(at: file, log: log)
    case .reopenLogs: node.reopenLogs()
    }
  }
  manager.stopping()
  log.write(.info, "stopping; running responses may finish")
  signals.letNextStopKill()
  node.stop()
  log.stop()
  return 0
}

/// Starts the log and the node; `nil` once the reason why not has been written.
private func start(_ configuration: Configuration, _ log: ErrorLog) -> Node? {
  do throws(SystemError) {
    try log.start()
  } catch {
    log.write(.error, "cannot start: \(error)\(advice(on: error))")
    return nil
  }
  do throws(NodeError) {
    return try Node(configuration, log: log)
  } catch {
    switch error {
    case .system(let error): log.write(.error, "cannot start: \(error)\(advice(on: error))")
    case .store(let error): log.write(.error, "cannot start: \(error.line)")
    case .configuration(let text): log.write(.error, "cannot start: \(text)")
    }
    return nil
  }
}

/// What to do about an address that cannot be opened.
private func advice(on error: SystemError) -> String {
  switch error.code {
  case EADDRINUSE: "; stop what uses it, or configure another address"
  case EADDRNOTAVAIL: "; this machine does not have that address"
  case EACCES: "; run as root, or grant CAP_NET_BIND_SERVICE and the rights to the directory"
  case ENOENT: "; make the directory first"
  case ENOTSOCK: "; systemd hands over no socket: enable the .socket unit"
  default: ""
  }
}

/// Looks at the configuration file again: says what is wrong with it, changes nothing.
private func lookAgain(at file: String, log: ErrorLog) {
  do {
    _ = try Configuration.load(file: file)
    log.write(
      .warning, "\(file) is sound, but reload is not supported by this version: restart the node")
  } catch {
    for problem in error.problems { log.write(.error, problem.text(file: file)) }
  }
}
