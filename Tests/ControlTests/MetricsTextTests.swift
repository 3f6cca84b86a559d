@testable import Control
import Foundation
import Telemetry
import Testing

@Suite struct `The metrics page` {
  private let worker = WorkerTelemetry(accessRecords: 0)

  private func page(_ values: NodeValues = NodeValues(), version: String = "1.0") -> [String] {
    let bytes = PrometheusText.render(NodeTelemetry(threads: [worker]), values, version: version)
    return String(decoding: bytes, as: UTF8.self)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test func `shows counters with their labels`() {
    worker.add(3, to: .originStall)
    worker.countRequest(
      status: 206, cache: .hit, firstByteMicroseconds: 0, durationMicroseconds: 0)
    worker.addSent(bytes: 77, cache: .miss)

    let lines = page()

    #expect(lines.contains(#"spillway_origin_errors_total{kind="stall"} 3"#))
    #expect(lines.contains(#"spillway_requests_total{status="206",cache="hit"} 1"#))
    #expect(lines.contains(#"spillway_requests_total{status="502",cache="error"} 0"#))
    #expect(lines.contains(#"spillway_response_bytes_total{cache="miss"} 77"#))
    #expect(lines.contains("# TYPE spillway_viewer_connections gauge"))
    #expect(lines.last == "")
  }

  @Test func `shows histograms cumulatively, in seconds`() {
    for time in [100, 101, 3_000_000, 90_000_000] as [UInt64] {
      worker.countRequest(
        status: 200, cache: .miss, firstByteMicroseconds: time, durationMicroseconds: time)
    }

    let name = "spillway_time_to_first_byte_seconds"
    let lines = page()

    #expect(lines.contains("\(name)_bucket{cache=\"miss\",le=\"0.0001\"} 1"))
    #expect(lines.contains("\(name)_bucket{cache=\"miss\",le=\"0.00025\"} 2"))
    #expect(lines.contains("\(name)_bucket{cache=\"miss\",le=\"2.5\"} 2"))
    #expect(lines.contains("\(name)_bucket{cache=\"miss\",le=\"60\"} 3"))
    #expect(lines.contains("\(name)_bucket{cache=\"miss\",le=\"+Inf\"} 4"))
    #expect(lines.contains("\(name)_sum{cache=\"miss\"} 93.000201"))
    #expect(lines.contains("\(name)_count{cache=\"miss\"} 4"))
    #expect(lines.contains("# TYPE \(name) histogram"))
  }

  @Test func `shows node values in the units that people see`() {
    var values = NodeValues()
    values[.processMicroseconds] = 1_500_000
    values[.processStartMilliseconds] = 1_795_384_651_120
    values[.memoryLimitBytes] = 536_870_912

    let lines = page(values, version: "a\"b\\c\nd")

    #expect(lines.contains("process_cpu_seconds_total 1.5"))
    #expect(lines.contains("process_start_time_seconds 1795384651.12"))
    #expect(lines.contains("spillway_memory_limit_bytes 536870912"))
    #expect(lines.contains(#"spillway_build_info{version="a\"b\\c\nd"} 1"#))
  }

  @Test func `has help and type before the samples of each family, and each series once`() {
    var current = ""
    var series: Set<Substring> = []
    for line in page() where !line.isEmpty {
      if line.hasPrefix("# HELP ") {
        current = String(line.split(separator: " ")[2])
      } else if line.hasPrefix("# TYPE ") {
        #expect(line.split(separator: " ")[2] == current)
      } else {
        #expect(line.hasPrefix(current))
        #expect(series.insert(line[..<line.lastIndex(of: " ")!]).inserted, "\(line)")
      }
    }

    #expect(series.count > 500)
  }

  @Test func `reads the process it runs in`() {
    var values = NodeValues()

    ProcessReader().read(into: &values)

    #expect(values[.processMicroseconds] > 0)
    #expect(values[.processResidentBytes] > 1 << 20)
    #expect(values[.processVirtualBytes] >= values[.processResidentBytes])
    #expect(values[.processDescriptors] >= 3)
    #expect(values[.processDescriptorsMax] >= values[.processDescriptors])
    #expect(values[.processStartMilliseconds] > 1_600_000_000_000)
  }
}

@Suite struct `The status report` {
  @Test func `counts every answer that needed no fetch of its own as found`() {
    let worker = WorkerTelemetry(accessRecords: 0)
    let results: [CacheResult] = [.hit, .hit, .joined, .stale, .revalidated, .miss, .pass, .none]
    for cache in results {
      worker.countRequest(
        status: 200, cache: cache, firstByteMicroseconds: 0, durationMicroseconds: 0)
    }

    let report = StatusReport(
      node: "n", version: "1", uptimeSeconds: 1, telemetry: NodeTelemetry(threads: [worker]),
      values: NodeValues())

    #expect(report.hitThousandths == 5 * 1000 / 7)
  }

  @Test func `is JSON that a parser reads back`() throws {
    let worker = WorkerTelemetry(accessRecords: 0)
    worker.add(4, to: .originRequests)
    worker.add(2, to: .originReset)
    worker.countRequest(
      status: 200, cache: .hit, firstByteMicroseconds: 0, durationMicroseconds: 0)
    var values = NodeValues()
    values[.memoryObjects] = 12
    values.servers = [
      ServerValues(name: "10.0.0.1:80", state: "healthy", failures: 0, wait: 0),
      ServerValues(name: "10.0.0.2:80", state: "down", failures: 3, wait: 1500),
      ServerValues(
        name: "10.0.0.3:80", state: "down", failures: 2, wait: 0,
        probes: ProbeValues(passed: 7, failed: 2, age: 340, fault: "status 503")),
    ]
    let report = StatusReport(
      node: "mil\"1", version: "1.0", uptimeSeconds: 60,
      telemetry: NodeTelemetry(threads: [worker]), values: values)

    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [String: Any])

    let origin = try #require(object["origin"] as? [String: Any])
    #expect(object["node"] as? String == "mil\"1")
    #expect(object["hit_ratio"] as? Double == 1)
    #expect(origin["requests"] as? Int == 4)
    #expect((origin["errors"] as? [String: Int])?["reset"] == 2)
    #expect((object["memory"] as? [String: Int])?["objects"] == 12)
    #expect(report.text.contains("100.0 % found, 12 objects, 0 B of 0 B"))
    let servers = try #require(origin["servers"] as? [[String: Any]])
    #expect(servers.map { $0["state"] as? String } == ["healthy", "down", "down"])
    let probes = try #require(servers[2]["probes"] as? [String: Any])
    #expect(probes["failed"] as? Int == 2 && probes["age_ms"] as? Int == 340)
    #expect(probes["last"] as? String == "failed" && probes["why"] as? String == "status 503")
    #expect(servers[1]["probes"] == nil)
    #expect(
      report.text.contains(
        "10.0.0.3:80 is down: 2 failures, last probe failed (status 503) 340 ms ago\n"))
    #expect(report.text.contains("10.0.0.2:80 is down: 3 failures, tried again in 1500 ms\n"))
    #expect(!report.text.contains("10.0.0.1:80"))
  }

  @Test func `shows sizes in the largest unit that fits`() {
    #expect(StatusReport.size(1023) == "1023 B")
    #expect(StatusReport.size(1024) == "1.0 KiB")
    #expect(StatusReport.size(1536 * 1024) == "1.5 MiB")
    #expect(StatusReport.size(.max) == "16.0 EiB")
  }
}

@Suite struct `The metrics of probes` {
  @Test func `have two series for each server that is probed, and none for others`() {
    var values = NodeValues()
    values.servers = [
      ServerValues(name: "a:80", state: "healthy", failures: 0, wait: 0),
      ServerValues(
        name: "b:80", state: "healthy", failures: 0, wait: 0,
        probes: ProbeValues(passed: 5, failed: 1, age: 10, fault: nil)),
    ]

    let page = PrometheusText.render(NodeTelemetry(threads: []), values, version: "1")

    let lines = String(decoding: page, as: UTF8.self).split(separator: "\n")
    #expect(
      lines.filter { $0.hasPrefix("spillway_origin_probes_total") } == [
        #"spillway_origin_probes_total{server="b:80",outcome="passed"} 5"#,
        #"spillway_origin_probes_total{server="b:80",outcome="failed"} 1"#,
      ])
  }
}

@Suite struct `The metrics of volumes` {
  private func lines(_ values: NodeValues) -> [Substring] {
    let page = PrometheusText.render(NodeTelemetry(threads: []), values, version: "1")
    return String(decoding: page, as: UTF8.self).split(separator: "\n")
  }

  @Test func `have a series for each volume, by its path`() {
    var values = NodeValues()
    var volume = VolumeValues(path: "/a\"b")
    volume[.bytesWritten] = 7
    volume[.commitMicroseconds] = 1_250_000
    values.volumes = [volume, VolumeValues(path: "/c")]

    let lines = lines(values)

    #expect(lines.contains(#"spillway_volume_written_bytes_total{volume="/a\"b"} 7"#))
    #expect(lines.contains(#"spillway_volume_written_bytes_total{volume="/c"} 0"#))
    #expect(lines.contains(#"spillway_volume_commit_seconds_total{volume="/a\"b"} 1.25"#))
  }

  @Test func `have no series without a volume, and those of the tier are zero`() {
    let lines = lines(NodeValues())

    #expect(!lines.contains { $0.hasPrefix("spillway_volume_") })
    #expect(lines.contains("# TYPE spillway_volume_used_bytes gauge"))
    #expect(lines.contains("spillway_disk_objects 0"))
  }
}

@Suite struct `The document of metrics` {
  @Test func `has each metric in one row, with its type, labels and help`() throws {
    let rows = Set(try Project.text("Documentation/metrics.md").split(separator: "\n"))

    for family in MetricTable.families where family.name.hasPrefix("spillway_") {
      let labels =
        switch family.source {
        case .counters(let label, let series):
          label.isEmpty
            ? "" : "`\(label)`: \(series.map(\.label).joined(separator: ", "))"
        case .node: ""
        case .volume: "`volume`"
        case .serverHealth, .serverDrained: "`server`"
        case .origin: "`origin`"
        case .rules: "`origin`, `rule`: guard, hold, hedge, seal, rewrite"
        case .serverProbes: "`server`, `outcome`: passed, failed"
        case .requests: "`status`, `cache`"
        case .sentBytes, .times: "`cache`"
        }
      let row = "| `\(family.name)` | \(family.kind) | \(labels) | \(family.help) |"

      #expect(rows.contains(row[...]), "\(row)")
    }
  }
}
