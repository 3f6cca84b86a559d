/// Why the demo cannot start or go on: one line for people, with what to do.
struct DemoFailure: Error {
  /// The line.
  let message: String
  /// Whether the demo was told to stop, which is no failure.
  var isStop = false

  /// A signal asked for the end while something was being waited for.
  static let stopped = DemoFailure(message: "stopped", isStop: true)

  /// A system call that was refused.
  static func system(_ call: String, _ subject: String, code: Int32) -> DemoFailure {
    DemoFailure(message: "\(call) \(subject): \(SystemText.of(code))")
  }
}
