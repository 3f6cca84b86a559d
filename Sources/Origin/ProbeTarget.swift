internal import Bytes
internal import Loop
internal import Policy

/// One probed server: what it is asked, when, and what it is being asked just now.
struct ProbeTarget {
  /// The origin, as an index into the snapshot's.
  let origin: Int
  /// The server, as an index into the origin's.
  let server: Int
  /// Its place on the node's board.
  let place: Int
  /// Its name in logs: `origin/host:port`.
  let label: [UInt8]
  /// What is asked and how answers count.
  let settings: ProbeSettings
  /// When it is asked.
  var schedule: ProbeSchedule
  /// Goes off when the next probe is due, or the present answer is late.
  var timer = TimerID.none
  /// What it is being asked.
  var question: ProbeVerdict.Question?
  /// The request under way.
  var fetch: FetchID?
  /// When that began.
  var began = Instant(nanoseconds: 0)
  /// The log says that it is down.
  var isSaidDown = false

  /// What is asked first in a probe.
  var firstQuestion: ProbeVerdict.Question { settings.path == nil ? .playlist : .path }

  /// What is asked for by `question`.
  func path(_ question: ProbeVerdict.Question) -> String {
    switch question {
    case .path: settings.path ?? "/"
    case .playlist: settings.playlist ?? "/"
    }
  }
}
