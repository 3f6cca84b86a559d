public import Telemetry

/// Renders everything that is counted as a Prometheus page (text format 0.0.4).
///
/// Every series of every family is always there, zero or not, so that `rate` sees first events.
/// Those of volumes are there for each volume that the node has.
public enum PrometheusText {
  /// The value of `Content-Type` for the page.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Renders the page.
  ///
  /// - Parameters:
  ///   - telemetry: the counters of all threads.
  ///   - values: a reading of what is known once per node.
  ///   - version: of this build, for `spillway_build_info`.
  /// - Returns: the page as UTF-8.
  public static func render(
    _ telemetry: NodeTelemetry, _ values: NodeValues, version: String
  ) -> [UInt8] {
    var page = TextBuffer(capacity: 128 * 1024)
    page.append("# HELP spillway_build_info The version that runs; always 1.\n")
    page.append("# TYPE spillway_build_info gauge\nspillway_build_info{version=\"")
    append(label: version, to: &page)
    page.append("\"} 1\n")
    for family in MetricTable.families { append(family, telemetry, values, to: &page) }
    return page.array
  }

  private static func append(
    _ family: MetricFamily, _ telemetry: NodeTelemetry, _ values: NodeValues,
    to page: inout TextBuffer
  ) {
    appendHead(family, to: &page)
    switch family.source {
    case .counters(let label, let series):
      for one in series {
        let labels = label.isEmpty ? "" : "{\(label)=\"\(one.label)\"}"
        append(family, labels, telemetry.total(one.counter), to: &page)
      }
    case .node(let value):
      append(family, "", values[value], to: &page)
    case .volume(let value):
      for volume in values.volumes {
        page.append(text: "\(family.name){volume=\"")
        append(label: volume.path, to: &page)
        page.append("\"}")
        append(volume[value], family.unit, to: &page)
      }
    case .serverHealth:
      appendServers(family, values, to: &page) { $0.isHealthy }
    case .serverDrained:
      appendServers(family, values, to: &page) { $0.isDrained }
    case .origin(let value):
      for origin in values.origins {
        page.append(text: "\(family.name){origin=\"")
        append(label: origin.name, to: &page)
        page.append("\"}")
        append(origin[value], family.unit, to: &page)
      }
    case .rules: appendRules(family, values, to: &page)
    case .serverProbes: appendProbes(family, values, to: &page)
    case .requests:
      for row in 0..<StatusLabel.total {
        let status = StatusLabel(index: row)
        for cache in CacheResult.allCases {
          let labels = "{status=\"\(status.text)\",cache=\"\(cache.label)\"}"
          append(family, labels, telemetry.requests(status: status, cache: cache), to: &page)
        }
      }
    case .sentBytes:
      for cache in CacheResult.allCases {
        append(family, "{cache=\"\(cache.label)\"}", telemetry.sentBytes(cache: cache), to: &page)
      }
    case .times(let time):
      for cache in CacheResult.allCases {
        append(family, cache, telemetry.times(time, cache: cache), to: &page)
      }
    }
  }

  private static func appendServers(
    _ family: MetricFamily, _ values: NodeValues, to page: inout TextBuffer,
    _ isTrue: (ServerValues) -> Bool
  ) {
    for server in values.servers {
      page.append(text: "\(family.name){server=\"")
      append(label: server.name, to: &page)
      page.append(text: "\"} \(isTrue(server) ? 1 : 0)\n")
    }
  }

  private static func appendProbes(
    _ family: MetricFamily, _ values: NodeValues, to page: inout TextBuffer
  ) {
    for server in values.servers {
      guard let probes = server.probes else { continue }
      for (outcome, count) in [("passed", probes.passed), ("failed", probes.failed)] {
        page.append(text: "\(family.name){server=\"")
        append(label: server.name, to: &page)
        page.append(text: "\",outcome=\"\(outcome)\"}")
        append(count, family.unit, to: &page)
      }
    }
  }

  private static func appendRules(
    _ family: MetricFamily, _ values: NodeValues, to page: inout TextBuffer
  ) {
    for origin in values.origins {
      for rule in origin.rules {
        page.append(text: "\(family.name){origin=\"")
        append(label: origin.name, to: &page)
        page.append(text: "\",rule=\"\(rule.name)\"} \(rule.isOn ? 1 : 0)\n")
      }
    }
  }

  private static func appendHead(_ family: MetricFamily, to page: inout TextBuffer) {
    page.append(text: "# HELP \(family.name) ")
    for byte in family.help.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): page.append("\\\\")
      case UInt8(ascii: "\n"): page.append("\\n")
      default: page.append(byte: byte)
      }
    }
    let kind: StaticString =
      switch family.kind {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    page.append(text: "\n# TYPE \(family.name) ")
    page.append(kind)
    page.append("\n")
  }

  private static func append(
    _ family: MetricFamily, _ labels: String, _ number: UInt64, to page: inout TextBuffer
  ) {
    page.append(text: family.name)
    page.append(text: labels)
    append(number, family.unit, to: &page)
  }

  /// Ends a line with its value.
  private static func append(
    _ number: UInt64, _ unit: MetricFamily.Unit, to page: inout TextBuffer
  ) {
    page.append(" ")
    page.append(number, unit)
    page.append("\n")
  }

  private static func append(
    _ family: MetricFamily, _ cache: CacheResult, _ sum: HistogramSum, to page: inout TextBuffer
  ) {
    var below: UInt64 = 0
    for index in sum.buckets.indices {
      below &+= sum.buckets[index]
      page.append(text: "\(family.name)_bucket{cache=\"\(cache.label)\",le=\"")
      if index < Histogram.bounds.count {
        page.append(Histogram.bounds[index], .microseconds)
      } else {
        page.append("+Inf")
      }
      page.append("\"} ")
      page.append(decimal: below)
      page.append("\n")
    }
    page.append(text: "\(family.name)_sum{cache=\"\(cache.label)\"} ")
    page.append(sum.microseconds, .microseconds)
    page.append(text: "\n\(family.name)_count{cache=\"\(cache.label)\"} ")
    page.append(decimal: below)
    page.append("\n")
  }

  /// Appends the inside of a label's value: backslash, quote and line feed are escaped.
  private static func append(label: String, to page: inout TextBuffer) {
    for byte in label.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): page.append("\\\\")
      case UInt8(ascii: "\""): page.append("\\\"")
      case UInt8(ascii: "\n"): page.append("\\n")
      default: page.append(byte: byte)
      }
    }
  }
}

extension TextBuffer {
  /// Appends a stored number in the unit that people see: times in seconds, without idle zeros.
  mutating func append(_ number: UInt64, _ unit: MetricFamily.Unit) {
    switch unit {
    case .count, .bytes: append(decimal: number)
    case .microseconds: append(number, per: 1_000_000, digits: 6)
    case .milliseconds: append(number, per: 1000, digits: 3)
    }
  }

  private mutating func append(_ number: UInt64, per scale: UInt64, digits: Int) {
    append(decimal: number / scale)
    var rest = number % scale
    var digits = digits
    guard rest > 0 else { return }
    while rest % 10 == 0 {
      rest /= 10
      digits -= 1
    }
    append(byte: UInt8(ascii: "."))
    append(decimal: rest, digits: digits)
  }
}
