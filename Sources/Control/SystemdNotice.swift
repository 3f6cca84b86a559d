internal import CLinux
internal import Glibc
internal import Loop

/// Tells systemd how the node is doing (`sd_notify(3)`), if systemd has asked for it.
struct SystemdNotice {
  private let socketPath: String?

  /// Looks for `$NOTIFY_SOCKET`; without it every message goes nowhere.
  init() { self.init(socketPath: ListeningSocket.environment("NOTIFY_SOCKET")) }

  /// Talks to the socket at `socketPath`, if any; a leading `@` means an abstract name.
  init(socketPath: String?) { self.socketPath = socketPath }

  /// The node takes viewers.
  func ready() { send("READY=1") }

  /// The node has begun to stop.
  func stopping() { send("STOPPING=1") }

  /// Sends one datagram; a service manager that does not listen is none of our troubles.
  private func send(_ message: String) {
    guard let socketPath else { return }
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    guard UnixAddress.connect(descriptor, to: socketPath) == 0 else { return }
    let bytes = Array(message.utf8)
    unsafe bytes.withUnsafeBytes { buffer in
      _ = unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
    }
  }
}
