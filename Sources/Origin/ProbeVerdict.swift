internal import Bytes
internal import Policy

/// Whether a whole answer passes a probe: pure.
enum ProbeVerdict {
  /// What is asked for.
  enum Question: Equatable {
    /// `path`: judged by status and body.
    case path
    /// `playlist`: an answer will do, its content is not the server's health.
    case playlist
  }

  /// What is wrong with an answer; `nil` where it passes.
  ///
  /// - Parameters:
  ///   - question: What was asked for.
  ///   - status: The status of the answer.
  ///   - body: The front of its body; what must occur is looked for within
  ///     `OriginLimits.probeSearchBytesMax`.
  ///   - time: From the beginning to the last byte: a timer may be late, a late answer is no pass.
  ///   - settings: How answers count.
  /// - Returns: What is wrong, time first.
  static func fault(
    in question: Question, status: UInt16, body: [UInt8], after time: Milliseconds,
    _ settings: ProbeSettings
  ) -> ProbeFault? {
    if time > settings.timeout { return .timedOut(after: settings.timeout) }
    switch question {
    case .playlist: return (200..<300).contains(status) ? nil : .playlistStatus(status)
    case .path:
      let passes =
        settings.statuses.isEmpty
        ? (200..<400).contains(status) : settings.statuses.contains(Int(status))
      guard passes else { return .status(status) }
      guard let wanted = settings.body, !occurs(Array(wanted.utf8), in: body) else { return nil }
      return .bodyLacks(wanted)
    }
  }

  private static func occurs(_ wanted: [UInt8], in body: [UInt8]) -> Bool {
    let front = body.prefix(OriginLimits.probeSearchBytesMax)
    guard let first = wanted.first else { return true }
    var rest = front
    while let start = rest.firstIndex(of: first) {
      rest = front[start...]
      if rest.starts(with: wanted) { return true }
      rest = rest.dropFirst()
    }
    return false
  }
}
