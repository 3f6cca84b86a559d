import Bytes
import Loop
import TestKit
import Testing

/// Servers of live DASH whose segments are numbered, and a node in front of them.
final class NumberedStream {
  let lab: Lab
  let edge: LabEdge
  /// How much later than due each server has a segment, in milliseconds; negative for earlier.
  var lags: [Int]
  /// The newest segment of servers that stand still.
  var frozen: [Int: Int] = [:]
  /// How long the servers take to answer for a segment.
  var delay = Milliseconds(0)
  private let began: Instant
  private let beganAt: Int64

  /// So many servers, one by default, before a node of two workers.
  init(_ lab: Lab, servers: Int = 1) {
    self.lab = lab
    for _ in 0..<servers { lab.origin() }
    lags = Array(repeating: 0, count: servers)
    edge = lab.edge(workers: 2)
    began = lab.now
    beganAt = lab.world.wall.milliseconds
    for (index, origin) in lab.origins.enumerated() {
      origin.answer = { [unowned self] in answer(index, $0) }
    }
  }

  /// Milliseconds since segment 100 was due; each takes two seconds.
  var clock: Int { Int((lab.now - began).count) }

  /// The number of the newest segment that a server has.
  func newest(of server: Int = 0) -> Int {
    let own = 100 + (clock - lags[server] + 1_000_000) / 2000 - 500
    return min(own, frozen[server] ?? .max)
  }

  private func answer(_ server: Int, _ request: SeenRequest) -> ScriptedAnswer {
    if request.target.hasSuffix(".mpd") {
      // Segment 100 is the hundredth, and whole when the lab begins.
      let start = Double(beganAt - 200_000) / 1000
      let text = """
        <MPD type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" \
        minimumUpdatePeriod="PT2S"><Period id="0" start="PT\(start)S">\
        <AdaptationSet contentType="video"><Representation id="v" bandwidth="1">\
        <SegmentTemplate timescale="1" duration="2" startNumber="1" media="v-$Number$.m4s"/>\
        </Representation></AdaptationSet></Period></MPD>
        """
      return .ok(Array(text.utf8), "Content-Type: application/dash+xml")
    }
    let name = request.target.split(separator: "/").last ?? ""
    guard let number = Int(name.dropFirst(2).prefix { $0 != "." }), number <= newest(of: server)
    else {
      let page = Array("<html>404 Not Found</html>".utf8)
      return .ok(page, "Content-Type: text/html", status: 404, after: delay)
    }
    return .ok(Payload.bytes("\(name)", count: 900), after: delay)
  }

  /// One viewer asks for a name.
  func get(_ name: String) -> ViewerResponse {
    let viewer = lab.viewer()
    viewer.asks("/live/\(name)")
    lab.untilDone([viewer])
    viewer.leaves()
    return viewer.last
  }

  /// Requests for segments that reached a server.
  func asked(_ server: Int = 0) -> Int {
    lab.origins[server].requests.reduce(0) { $0 + ($1.target.contains(".m4s") ? 1 : 0) }
  }

  /// Lets time pass until the clock shows so much.
  func wait(until time: Int) { lab.wait(Milliseconds(Int64(time - clock))) }
}
