import Bytes
import Cache
import Delivery
import Loop
import Telemetry
import TestKit
import Testing

@Suite(.seeded) struct `Whatever viewers and origins do` {
  @Test func `no viewer gets a wrong byte or a false end, and nothing leaks`() {
    scenario(seeds: 1...ScenarioSeed.chaosCount, isAlwaysFast: true) { lab in
      let chaos = Chaos(lab, isCalm: lab.seed.isMultiple(of: 5))
      chaos.schedule()

      lab.wait(.seconds(16))
      let outcome = lab.run(limit: .seconds(900)) { chaos.viewersAreDone }

      #expect(outcome == .met, "a viewer waits for ever")
      for viewer in lab.viewers { chaos.check(viewer) }
      chaos.checkFills()
      lab.expectNothingLeft(of: chaos.edge)
    }
  }
}

extension Chaos {
  /// Each viewer has all its answers, or its connection is over.
  var viewersAreDone: Bool {
    lab.viewers.allSatisfy { viewer in
      viewer.over != nil || viewer.answerCount == asked[ObjectIdentifier(viewer)]?.count
    }
  }

  /// Compares everything that a viewer got with what it may have got.
  func check(_ viewer: LabViewer) {
    #expect(viewer.fault == nil)
    let asked = asked[ObjectIdentifier(viewer)] ?? []
    let answers = viewer.responses.filter { $0.status >= 200 }
    #expect(answers.count <= asked.count)
    for (request, response) in zip(asked, answers) { check(response, to: request, by: viewer) }
  }

  private func check(_ response: ViewerResponse, to request: Asked, by viewer: LabViewer) {
    let resource = resources[request.resource]
    let what: Comment = "\(request) of \(resource): \(response.head)"
    switch response.status {
    case 200, 206: break
    case 416:
      #expect(resource.size == 0, what)
      return
    case 408, 502, 503, 504:
      // A 503 may be the origin's own.
      #expect(!isCalm, what)
      return
    default:
      Issue.record(what)
      return
    }
    guard let version = response.field("X-Version").flatMap({ Int($0) }) else {
      Issue.record(what)
      return
    }
    #expect(version >= request.oldestAllowed, what)
    let whole = Payload.bytes(resource.target, count: resource.size, version: version)
    var expected = whole
    if response.status == 206, let range = request.range { expected = Array(whole[range]) }
    if request.method == "HEAD" { expected = [] }
    let count = response.body.count
    if response.end == .whole {
      #expect(count == expected.count, what)
    } else {
      #expect(count <= expected.count, what)
      #expect(!isCalm || viewer.hasLeft, what)
    }
    let isRight = Payload.areSame(response.body, Array(expected.prefix(count)))
    #expect(isRight, what)
  }

  /// One origin request for each Fill, but for counted retries; a calm run fills each object once.
  func checkFills() {
    let retries =
      edge.counted(.originRetriesNextServer) + edge.counted(.originRetriesReusedConnection)
    let seen = fillsSeen.reduce(0, +)
    #expect(seen <= edge.counted(.fillsStarted) + retries)
    if isCalm {
      for (resource, count) in zip(resources, fillsSeen) {
        #expect(count <= 1, "\(resource)")
      }
    }
  }
}
