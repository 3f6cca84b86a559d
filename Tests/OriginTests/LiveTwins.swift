import Bytes
import Streams
import TestKit

@testable import Origin

/// Two origins and a presentation between them and viewers, in made-up time.
struct TwinLab {
  var encoders: [ModelEncoder]
  var presentation = LivePresentation(
    root: Array("/a.m3u8".utf8), server: 0, at: .init(nanoseconds: 0))
  var terms = LivePresentation.Terms()
  var events: [StreamEvent] = []
  var asked = 0
  static let name = Hash128(low: 1, high: 1)

  init(_ encoders: [ModelEncoder]) { self.encoders = encoders }

  /// One poll of a playlist: what is sent; `nil` where nothing is.
  mutating func poll(at time: Int, name: Hash128 = TwinLab.name) -> [UInt8]? {
    var poll = PlaylistPoll()
    terms.now = Instant(nanoseconds: Int64(time) * 1_000_000)
    terms.wall = WallTime(milliseconds: Int64(time))
    terms.candidates = encoders.indices.filter { $0 != presentation.server }
    var server = presentation.server
    while true {
      asked += 1
      let body = encoders[server].playlist(at: time).map { Array($0.utf8) }
      if let body, let sighting = PlaylistSighting(server: server, body: body, at: terms.now) {
        poll.add(sighting)
      } else {
        poll.add(failureOf: server)
      }
      let decision = presentation.judge(&poll, of: name, path: Array("/a.m3u8".utf8), terms)
      events += presentation.timeline.takeUncounted()
      switch decision {
      case .send(let index, let text), .wait(let index, let text):
        return text?.write() ?? poll.sightings[index].body
      case .ask(let next): server = next
      case .fail: return nil
      }
    }
  }

  /// The node restarts: of what it knew only its records are left.
  mutating func restart(at time: Int) {
    let wall = WallTime(milliseconds: Int64(time))
    let servers = encoders.indices.map { UInt64($0) }
    guard
      let record = presentation.record(of: TwinLab.name, site: 0, servers: servers, wall: wall),
      let kept = record.encoded.flatMap({ StreamRecord($0.span) })
    else { return }
    let known = kept.presentation
    presentation = LivePresentation(root: known.root, server: 0, at: terms.now)
    presentation.follow(known.servers.map(Int.init), epoch: Int(known.epoch))
    presentation.restore(kept, at: terms.now, wall: wall)
  }

  /// Polls every `step` milliseconds, seen by `viewer`.
  mutating func watch(
    _ times: Range<Int>, every step: Int = 500, by viewer: inout StrictViewer
  ) -> [Int] {
    var missed: [Int] = []
    for time in stride(from: times.lowerBound, to: times.upperBound, by: step) {
      if let body = poll(at: time) { viewer.see(body, at: time) } else { missed.append(time) }
    }
    return missed
  }
}
