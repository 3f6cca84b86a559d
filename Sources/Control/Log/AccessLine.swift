internal import Bytes
internal import Telemetry

/// Formats access records as JSON, one object a line, always the same fields in the same order.
///
/// | field | what it says |
/// | --- | --- |
/// | `time` | when the request head was complete, RFC 3339, UTC, milliseconds |
/// | `client` | the viewer's address; `unix` for a Unix socket, empty if not known |
/// | `method`, `host`, `path`, `query` | the request as the viewer wrote it |
/// | `protocol` | `HTTP/1.0`, `HTTP/1.1`, `HTTP/2`; empty if no head was understood |
/// | `status` | the status sent; 499 if the viewer left before |
/// | `bytes` | body bytes sent |
/// | `ttfb_ms` | from the whole head to the first body byte, milliseconds |
/// | `duration_ms` | from the whole head to the last byte, milliseconds |
/// | `cache` | `hit`, `miss`, `joined`, `stale`, `revalidated`, `pass`, `bypass`, `error`, `none` |
/// | `origin` | the origin server asked last, `origin/host:port`; empty for a hit |
/// | `aborted` | who cut the response, `viewer`, `origin` or `edge`; empty if it is complete |
/// | `detail` | why, where status and cache result do not say it |
/// | `range`, `user_agent`, `referer` | these request fields |
/// | `id` | the journey, as in the error log |
///
/// A text that was cut to its fixed length ends with `…`.
struct AccessLine: ~Copyable {
  /// The second that `prefix` holds.
  private var second: Int64 = .min
  /// `{"time":"2026-11-22T21:57:31.`: formatted once a second.
  private var prefix = TextBuffer(capacity: 64)

  /// Appends the line of one record, newline included.
  mutating func append(_ record: borrowing AccessRecord, to line: inout TextBuffer) {
    appendTime(record.time, to: &line)
    line.append(",\"client\":\"")
    record.client.append(to: &line)
    Self.append("\",\"method\":\"", record.method, to: &line)
    Self.append("\",\"host\":\"", record.host, to: &line)
    Self.append("\",\"path\":\"", record.path, to: &line)
    Self.append("\",\"query\":\"", record.query, to: &line)
    switch record.version {
    case .http11: line.append("\",\"protocol\":\"HTTP/1.1\",\"status\":")
    case .http10: line.append("\",\"protocol\":\"HTTP/1.0\",\"status\":")
    case .http2: line.append("\",\"protocol\":\"HTTP/2\",\"status\":")
    case .unknown: line.append("\",\"protocol\":\"\",\"status\":")
    }
    line.append(decimal: UInt64(record.status))
    line.append(",\"bytes\":")
    line.append(decimal: record.bytesSent)
    line.append(",\"ttfb_ms\":")
    line.append(thousandths: record.firstByteMicroseconds)
    line.append(",\"duration_ms\":")
    line.append(thousandths: record.durationMicroseconds)
    line.append(",\"cache\":\"")
    line.append(record.cache.label)
    Self.append("\",\"origin\":\"", record.origin, to: &line)
    switch record.end {
    case .complete: line.append("\",\"aborted\":\"\",\"detail\":\"")
    case .byViewer: line.append("\",\"aborted\":\"viewer\",\"detail\":\"")
    case .byOrigin: line.append("\",\"aborted\":\"origin\",\"detail\":\"")
    case .byEdge: line.append("\",\"aborted\":\"edge\",\"detail\":\"")
    }
    line.append(record.detail.label)
    Self.append("\",\"range\":\"", record.range, to: &line)
    Self.append("\",\"user_agent\":\"", record.userAgent, to: &line)
    Self.append("\",\"referer\":\"", record.referer, to: &line)
    line.append("\",\"id\":\"")
    line.append(hexadecimal: record.journey)
    line.append("\"}\n")
  }

  private mutating func appendTime(_ time: WallTime, to line: inout TextBuffer) {
    if time.seconds != second || prefix.count == 0 {
      second = time.seconds
      prefix.removeAll()
      prefix.append("{\"time\":\"")
      prefix.append(time)
      prefix.remove(last: 4)
    }
    line.append(prefix.bytes)
    line.append(decimal: UInt64(max(0, time.milliseconds) % 1000), digits: 3)
    line.append("Z\"")
  }

  // Inlined, so that the copy of a constant key has a constant length.
  @inline(__always)
  private static func append<let capacity: Int>(
    _ key: StaticString, _ text: borrowing InlineText<capacity>, to line: inout TextBuffer
  ) {
    line.append(key)
    guard text.count > 0 else { return }
    line.append(escaping: text.bytes)
    if text.isTruncated { line.append("…") }
  }
}
