import Bytes
import Cache
import Delivery
import Loop
import Telemetry
import TestKit
import Testing

/// A run of random viewers, requests and faults, all by the seed of its lab.
///
/// Every answer names the version of its object, so that each byte that a viewer gets can be
/// checked, and whether the version is one that a purge had made impossible.
final class Chaos {
  /// One URL of the origins.
  struct Resource {
    enum Framing: CaseIterable { case length, chunked, untilClose }

    let target: String
    let size: Int
    let framing: Framing
    let caching: String
    let revalidates: Bool
    var version = 1
    /// No request sent from now on may be answered with an older version.
    var oldestAllowed = 1
  }

  /// A request of a viewer, and what its answer must be.
  struct Asked {
    let resource: Int
    let method: String
    let range: Range<Int>?
    let oldestAllowed: Int
  }

  let lab: Lab
  let edge: LabEdge
  /// Nothing goes wrong and everything fits.
  let isCalm: Bool
  /// Links cut bytes into the smallest pieces, and objects are small.
  let isHarsh: Bool
  var resources: [Resource] = []
  var asked: [ObjectIdentifier: [Asked]] = [:]
  var fillsSeen: [Int] = []

  init(_ lab: Lab, isCalm: Bool) {
    self.lab = lab
    self.isCalm = isCalm
    let dice = Dice(lab)
    isHarsh = dice.chance(2)
    lab.memory = isCalm ? 64 << 20 : dice.one(of: [1 << 20, 2 << 20, 8 << 20])
    lab.objectBytesMax = lab.memory / dice.one(of: [2, 4, 8])
    for _ in 0..<dice.number(in: 1...2) { lab.origin() }
    edge = lab.edge(workers: dice.number(in: 1...4))
    resources = (0..<dice.number(in: 3...15)).map { resource($0, dice) }
    fillsSeen = resources.map { _ in 0 }
    for origin in lab.origins {
      origin.answer = { [unowned self] in answer($0) }
      if dice.chance(2) { origin.limits(roughLink()) }
    }
  }

  private func resource(_ number: Int, _ dice: Dice) -> Resource {
    let lifetimes = [
      "max-age=600", "max-age=1", "max-age=1, stale-while-revalidate=5",
      "max-age=2, stale-if-error=30", "no-store", "private",
    ]
    return Resource(
      target: "/\(dice.one(of: ["live", "vod"]))/\(number).\(dice.one(of: ["bin", "m3u8", "ts"]))",
      size: dice.one(
        of: isHarsh ? [0, 1, 700, 3000, 30_000] : [1, 3000, 30_000, 70_000, 200_000, 600_000]),
      framing: dice.one(of: Resource.Framing.allCases),
      caching: isCalm ? "max-age=6000" : dice.one(of: lifetimes), revalidates: dice.chance(2))
  }

  private func roughLink() -> LinkConditions {
    Lab.roughLink(&lab.world.random, isHarsh: isHarsh)
  }

  // MARK: the origins

  private func answer(_ request: SeenRequest) -> ScriptedAnswer {
    let dice = Dice(lab)
    guard let index = resources.firstIndex(where: { $0.target == request.target }) else {
      return .status(404)
    }
    let resource = resources[index]
    if request.field("X-Viewer") == nil, request.field("Range") == nil { fillsSeen[index] += 1 }
    let version = "X-Version: \(resource.version)"
    let tag = resource.revalidates ? "ETag: \"\(resource.version)\"" : "X-None: 0"
    let control = "Cache-Control: \(resource.caching)"
    if resource.revalidates, request.field("If-None-Match") == "\"\(resource.version)\"" {
      return .status(304, version, tag, control)
    }
    let body = Payload.bytes(resource.target, count: resource.size, version: resource.version)
    let after = Milliseconds(Int64(dice.number(in: 0...300)))
    if !isCalm, dice.chance(8) {
      let cut = dice.number(in: 0...max(0, body.count - 1))
      return dice.one(of: [
        .never, .status(503, after: after), .raw("nonsense\r\n\r\n"),
        .broken(body, at: min(cut, body.count), version, control, byReset: dice.chance(2)),
      ])
    }
    let pieces = dice.number(in: 1...8)
    let every = Milliseconds(Int64(dice.number(in: 0...200)))
    if request.method == "HEAD" {
      let head = ScriptedAnswer.ok(body, version, tag, control)
      return ScriptedAnswer(steps: Array(head.steps.prefix(1)))
    }
    if let part = part(of: body, request, resource) {
      let place = "Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/\(body.count)"
      return .ok(
        Array(body[part]), version, tag, control, place, status: 206, after: after, pieces: pieces,
        every: every)
    }
    switch resource.framing {
    case .length:
      return .ok(body, version, tag, control, after: after, pieces: pieces, every: every)
    case .chunked:
      return .chunked(body, version, tag, control, after: after, pieces: pieces, every: every)
    case .untilClose:
      return .untilClose(body, version, tag, control)
    }
  }

  /// The range that a request asks for, if its condition holds: of a pass, or of a reader that was
  /// lapped and goes on alone.
  private func part(
    of body: [UInt8], _ request: SeenRequest, _ resource: Resource
  ) -> Range<Int>? {
    guard let text = request.field("Range"), text.hasPrefix("bytes=") else { return nil }
    if let condition = request.field("If-Range"), condition != "\"\(resource.version)\"" {
      return nil
    }
    let ends = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard let first = Int(ends[0]), first < body.count else { return nil }
    let last = ends.count > 1 ? Int(ends[1]) : nil
    return first..<min(body.count, (last ?? body.count - 1) + 1)
  }

  // MARK: the viewers

  /// Lets the viewers come over some seconds, and things happen between.
  func schedule() {
    let dice = Dice(lab)
    for _ in 0..<dice.number(in: 10...40) {
      lab.world.after(Milliseconds(Int64(dice.number(in: 0...15_000)))) { [unowned self] in
        arrive()
      }
    }
    guard !isCalm else { return }
    for _ in 0..<dice.number(in: 0...12) {
      lab.world.after(Milliseconds(Int64(dice.number(in: 0...15_000)))) { [unowned self] in
        disturb()
      }
    }
  }

  private func arrive() {
    let dice = Dice(lab)
    let isSlow = dice.chance(6)
    let viewer = lab.viewer(
      over: isSlow
        ? .slow(bytesPerSecond: Int64(dice.number(in: 20_000...200_000)))
        : dice.chance(2) ? roughLink() : nil)
    for _ in 0..<dice.number(in: 1...4) { ask(viewer, dice) }
    if dice.chance(6) {
      viewer.stopsReading()
      lab.world.after(Milliseconds(Int64(dice.number(in: 0...9000)))) { viewer.readsOn() }
    }
    if dice.chance(5) {
      let breaks = dice.chance(2)
      lab.world.after(Milliseconds(Int64(dice.number(in: 0...3000)))) {
        if breaks { viewer.breaks() } else { viewer.leaves() }
      }
    }
  }

  private func ask(_ viewer: LabViewer, _ dice: Dice) {
    let index = dice.number(in: 0...(resources.count - 1))
    let resource = resources[index]
    var method = "GET"
    var range: Range<Int>?
    if dice.chance(8) {
      method = "HEAD"
    } else if resource.size > 1, dice.chance(4) {
      let start = dice.number(in: 0...(resource.size - 1))
      range = start..<dice.number(in: (start + 1)...resource.size)
    }
    asked[ObjectIdentifier(viewer), default: []].append(
      Asked(
        resource: index, method: method, range: range, oldestAllowed: resource.oldestAllowed))
    let field = range.map { "Range: bytes=\($0.lowerBound)-\($0.upperBound - 1)" } ?? "X-None: 0"
    viewer.asks(resource.target, "X-Viewer: 1", field, method: method)
  }

  private func disturb() {
    let dice = Dice(lab)
    let origin = dice.one(of: lab.origins)
    switch dice.number(in: 0...5) {
    case 0: origin.resetsConnections()
    case 1:
      origin.stopsListening()
      lab.world.after(Milliseconds(Int64(dice.number(in: 100...4000)))) { origin.listensAgain() }
    case 2: edge.forgetsEverything()
    case 3: origin.closesConnections()
    default:
      let folder = dice.one(of: ["/live/", "/vod/"])
      for index in resources.indices where resources[index].target.hasPrefix(folder) {
        resources[index].version += 1
        resources[index].oldestAllowed = resources[index].version
      }
      edge.purges(.prefix(site: 0, path: Array(folder.utf8)))
    }
  }
}

/// Throws the dice of a lab's world.
struct Dice {
  private let world: SimulatedWorld

  init(_ lab: Lab) { world = lab.world }

  func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &world.random) }

  func one<Element>(of list: [Element]) -> Element { list[number(in: 0...(list.count - 1))] }

  /// Once in so many times.
  func chance(_ times: Int) -> Bool { number(in: 1...times) == 1 }
}
