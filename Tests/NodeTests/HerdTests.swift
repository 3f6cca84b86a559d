import Bytes
import Cache
import Delivery
import Telemetry
import Testing

/// Collects what threads find wrong.
private final class Findings: @unchecked Sendable {
  // Exception: unchecked, because the lock guards the list.
  private let lock = Lock()
  private var list: [String] = []

  func add(_ text: String) { lock.withLock { if list.count < 10 { list.append(text) } } }
  var all: [String] { lock.withLock { list } }
}

@Suite(.serialized) struct `A node with two workers` {
  @Test func `asks the origin once for a herd of fifty, who all follow as the bytes arrive`() throws
  {
    let gate = Gate(50)
    let origin = try BlockingOrigin(gate: gate)
    let node = try RunningNode(
      workers: 2, originPort: origin.port, memoryBytes: 32 << 20, objectBytesMax: 4 << 20)
    let expected = BlockingOrigin.bytes(7, 300_000)
    let findings = Findings()
    let port = node.port

    // The origin holds the second half back until everybody has the first byte.
    try inParallel(50) { index in
      var client = BlockingClient(port: port)
      let response = client.get("/7/300000/half", onFirstByte: gate.pass)
      if response?.body != expected { findings.add("viewer \(index) got something else") }
      if response?.isComplete != true { findings.add("viewer \(index) got no end") }
      client.close()
    }

    #expect(findings.all == [])
    #expect(origin.count(of: "/7/300000/half") == 1)
    node.stop()
    #expect(node.counted(.fillsStarted) == 1 && node.counted(.fillJoins) == 49)
    origin.stop()
  }

  @Test func `serves the right bytes under eviction, purges, ranges and revalidation`() throws {
    let origin = try BlockingOrigin()
    let node = try RunningNode(
      workers: 2, originPort: origin.port, memoryBytes: 4 << 20, objectBytesMax: 512 << 10)
    let findings = Findings()
    let port = node.port
    let edge = node.edge

    try inParallel(9) { index in
      var random = RandomSource(seed: UInt64(index))
      if index == 8 {
        for _ in 0..<40 { _ = edge.table.purges.purge(.site(0)) }
        return
      }
      var client = BlockingClient(port: port)
      for _ in 0..<60 {
        if let finding = askForSomething(&client, &random) { findings.add(finding) }
      }
      client.close()
    }

    #expect(findings.all == [])
    node.stop()
    origin.stop()
  }

  @Test func `gives one slow viewer every byte of an object that is too large to keep`() throws {
    let origin = try BlockingOrigin()
    let node = try RunningNode(
      workers: 2, originPort: origin.port, memoryBytes: 4 << 20, objectBytesMax: 512 << 10)
    var clients = [
      BlockingClient(port: node.port, window: 4096), BlockingClient(port: node.port, window: 4096),
    ]

    let length = clients[0].get("/1/5000000", step: 1000)
    let chunked = clients[1].get("/2/5000000/chunked", step: 1000)

    #expect(length?.isComplete == true && length?.body == BlockingOrigin.bytes(1, 5_000_000))
    #expect(chunked?.isComplete == true && chunked?.body == BlockingOrigin.bytes(2, 5_000_000))
    for client in clients { client.close() }
    node.stop()
    origin.stop()
  }

  @Test func `never ends cleanly for a viewer who was too slow for a shared window`() throws {
    let origin = try BlockingOrigin()
    let node = try RunningNode(
      workers: 2, originPort: origin.port, memoryBytes: 4 << 20, objectBytesMax: 512 << 10)
    let findings = Findings()
    let port = node.port

    try inParallel(6) { index in
      var client = BlockingClient(port: port, window: 4096)
      let response = client.get("/3/4000000/chunked", step: index < 3 ? 65_536 : 500)
      let expected = BlockingOrigin.bytes(3, 4_000_000)
      if let response {
        if !expected.starts(with: response.body) { findings.add("viewer \(index): wrong bytes") }
        if response.isComplete, response.body.count < expected.count {
          findings.add("viewer \(index): a clean end too early")
        }
      }
      client.close()
    }

    #expect(findings.all == [])
    node.stop()
    origin.stop()
  }
}

/// One random request; tells what was wrong with its answer.
private func askForSomething(_ client: inout BlockingClient, _ random: inout RandomSource)
  -> String?
{
  let number = Int.random(in: 0..<40, using: &random)
  let length = [100, 5000, 40_000, 70_000, 300_000][number % 5]
  let kind = ["", "/chunked", "/revalidate"][number % 3]
  let path = "/\(number)/\(length)\(kind)"
  let expected = BlockingOrigin.bytes(number, length)
  if Int.random(in: 0..<4, using: &random) == 0 {
    let first = Int.random(in: 0..<length, using: &random)
    let last = Int.random(in: first..<length, using: &random)
    let response = client.get(path, fields: "Range: bytes=\(first)-\(last)\r\n")
    let isWhole = response?.status == 200 && response?.body == expected
    let isPart = response?.status == 206 && response?.body == Array(expected[first...last])
    return isWhole || isPart ? nil : "\(path) \(first)-\(last): \(response?.status ?? 0)"
  }
  let response = client.get(path)
  let isRight = response == .init(status: 200, body: expected, isComplete: true)
  return isRight ? nil : "\(path): \(response?.status ?? 0), \(response?.body.count ?? 0) bytes"
}
