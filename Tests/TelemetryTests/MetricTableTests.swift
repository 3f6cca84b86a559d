import Telemetry
import Testing

@Suite struct `The table of metrics` {
  @Test func `declares every counter and every value exactly once`() {
    var counters: [Counter: Int] = [:]
    var values: [NodeValue: Int] = [:]
    var volumes: [VolumeValue: Int] = [:]
    for family in MetricTable.families {
      switch family.source {
      case .counters(_, let series): for one in series { counters[one.counter, default: 0] += 1 }
      case .node(let value): values[value, default: 0] += 1
      case .volume(let value): volumes[value, default: 0] += 1
      case .requests, .sentBytes, .times, .serverHealth, .serverProbes, .serverDrained,
        .origin, .rules:
        break
      }
    }

    for counter in Counter.allCases { #expect(counters[counter] == 1, "\(counter)") }
    for value in NodeValue.allCases { #expect(values[value] == 1, "\(value)") }
    for value in VolumeValue.allCases { #expect(volumes[value] == 1, "\(value)") }
  }

  @Test func `names metrics as Prometheus wants them`() {
    var seen: Set<String> = []
    for family in MetricTable.families {
      let name = family.name

      #expect(seen.insert(name).inserted, "\(name) is declared twice")
      #expect(name.hasPrefix("spillway_") || name.hasPrefix("process_"))
      #expect(name.utf8.allSatisfy { $0 == 0x5F || (0x61...0x7A).contains($0) })
      #expect((family.kind == .counter) == name.hasSuffix("_total"), "\(name)")
      #expect(!name.contains("seconds") || family.unit != .count, "\(name)")
      #expect((family.unit == .bytes) == name.contains("_bytes"), "\(name)")
      #expect(family.help.hasSuffix("."), "\(name)")
    }
  }

  @Test func `has different label values within a metric`() {
    for family in MetricTable.families {
      guard case .counters(let label, let series) = family.source else { continue }

      #expect(Set(series.map(\.label)).count == series.count, "\(family.name)")
      #expect(label.isEmpty == (series.count == 1), "\(family.name)")
    }
  }

  @Test func `gives every status its own label or its class`() {
    for row in 0..<StatusLabel.total {
      let text = StatusLabel(index: row).text
      if let code = Int(text) { #expect(StatusLabel(status: code).index == row) }
    }

    #expect(StatusLabel(status: 200).text == "200")
    #expect(StatusLabel(status: 299).text == "2xx")
    #expect(StatusLabel(status: 399).text == "3xx")
    #expect(StatusLabel(status: 418).text == "4xx")
    #expect(StatusLabel(status: 599).text == "5xx")
    #expect(StatusLabel(status: -1).text == "5xx")
    #expect(CacheResult.allCases.count == CacheResult.total)
  }
}
