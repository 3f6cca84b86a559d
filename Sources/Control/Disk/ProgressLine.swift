internal import Bytes

/// How far a long command has come: one line that is rewritten on a terminal, else a line now and
/// then.
public struct ProgressLine: ~Copyable {
  private let isTerminal: Bool
  private let write: (String) -> Void
  private var shownAt: Milliseconds?
  private var isOpen = false

  /// Between two lines, on a terminal and elsewhere.
  private static let pauses = (terminal: Milliseconds(200), other: Milliseconds(5000))

  /// Shows progress through `write`; on a terminal the line is rewritten.
  public init(isTerminal: Bool, _ write: @escaping (String) -> Void) {
    self.isTerminal = isTerminal
    self.write = write
  }

  /// Shows a line, unless one was just shown.
  public mutating func show(_ text: String) {
    show(text, at: Milliseconds(Instant.read().nanoseconds / 1_000_000))
  }

  /// The same, at a time of the monotonic clock.
  mutating func show(_ text: String, at time: Milliseconds) {
    let pause = isTerminal ? Self.pauses.terminal : Self.pauses.other
    // The first line comes after a pause as well: what is short needs none.
    guard let last = shownAt else {
      shownAt = time
      return
    }
    guard Milliseconds(time.count - last.count) >= pause else { return }
    shownAt = time
    isOpen = isTerminal
    // Erase to the end of the line (ECMA-48 EL), for the last text may have been longer.
    write(isTerminal ? "\r\(text)\u{1B}[K" : text + "\n")
  }

  /// Takes the line away again.
  public mutating func end() {
    if isOpen { write("\r\u{1B}[K") }
    isOpen = false
  }
}
