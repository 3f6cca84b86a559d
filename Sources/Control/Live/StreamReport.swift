internal import Bytes
internal import Origin
internal import Policy

/// Live presentations as `spillway stream` shows them, for people and for programs.
struct StreamReport {
  let naming: StreamNaming

  /// One line for each presentation.
  func list(_ rows: [StreamRow]) -> OperatorAnswer {
    var text = "STREAM  SERVER  EPOCH  TWINS  STATE\n"
    var writer = JSONWriter()
    for row in rows { text += line(of: row) + "\n" }
    if rows.isEmpty { text = "no live presentation\n" }
    writer.object { object in
      object.array("streams") { list in
        for row in rows { list.object { write(row, to: &$0) } }
      }
    }
    return OperatorAnswer(text: text, json: writer.finish())
  }

  /// One presentation, with its playlists, their servers and its timeline.
  func show(_ row: StreamRow) -> OperatorAnswer {
    var writer = JSONWriter()
    writer.object { object in
      write(row, to: &object)
      object.array("timeline") { list in
        for entry in row.timeline { list.object { write(entry, of: row, to: &$0) } }
      }
    }
    var text = line(of: row) + "\n"
    for playlist in row.playlists {
      text += "  \(Self.text(playlist.path))  last \(playlist.last.map { "\($0)" } ?? "none"), "
      text += "\(playlist.age.count) ms ago, \(playlist.verdict.rawValue)\n"
      for standing in playlist.standings {
        text += "    \(naming.address(standing.server, ofOrigin: row.origin))  last "
        text += "\(standing.last), seen \(standing.age.count) ms ago\(Self.words(standing.lag))\n"
      }
    }
    if !row.timeline.isEmpty { text += "timeline\n" }
    for entry in row.timeline { text += "  \(line(of: entry, of: row))\n" }
    return OperatorAnswer(text: text, json: writer.finish())
  }

  /// The presentation in one line: `/live/main.m3u8  live/a:80  0  independent  advancing`.
  func line(of row: StreamRow) -> String {
    var line = "\(Self.text(row.root))  \(naming.server(row.server, ofOrigin: row.origin))"
    line += "  \(row.epoch)  \(row.twins.rawValue)  \(row.verdict.rawValue)"
    if let pinned = row.pinned {
      line += ", pinned"
      if pinned != row.server { line += " to \(naming.address(pinned, ofOrigin: row.origin))" }
    }
    return row.passesEnds ? line + ", its end is passed on" : line
  }

  private func line(of entry: StreamTimelineEntry, of row: StreamRow) -> String {
    var line = "\(Self.text(entry.at))  "
    line += entry.order.isEmpty ? entry.event.label : "\(entry.event.label) \(entry.order)"
    if let from = entry.from { line += " from \(naming.address(from, ofOrigin: row.origin))" }
    if let to = entry.to { line += " to \(naming.address(to, ofOrigin: row.origin))" }
    return entry.rendition.isEmpty ? line : line + ", seen in \(Self.text(entry.rendition))"
  }

  private func write(_ row: StreamRow, to object: inout JSONWriter) {
    object.member("site", naming.snapshot.siteName(row.site))
    object.member("path", Self.text(row.root))
    object.member("origin", naming.snapshot.origins[row.origin].name)
    object.member("server", naming.server(row.server, ofOrigin: row.origin))
    object.member("first_server", naming.server(row.firstServer, ofOrigin: row.origin))
    object.member("epoch", UInt64(row.epoch))
    object.member("twins", row.twins.rawValue)
    object.member("state", row.verdict.rawValue)
    if let pinned = row.pinned {
      object.member("pinned", naming.server(pinned, ofOrigin: row.origin))
    } else {
      object.memberNull("pinned")
    }
    object.member("end_passes", row.passesEnds)
    object.array("playlists") { list in
      for playlist in row.playlists { list.object { write(playlist, of: row, to: &$0) } }
    }
  }

  private func write(
    _ playlist: StreamRow.Playlist, of row: StreamRow, to object: inout JSONWriter
  ) {
    object.member("path", Self.text(playlist.path))
    if let last = playlist.last {
      object.member("last", last)
    } else {
      object.memberNull("last")
    }
    object.member("edge_age_ms", Self.number(playlist.age))
    object.member("state", playlist.verdict.rawValue)
    object.array("servers") { list in
      for standing in playlist.standings {
        list.object { one in
          one.member("server", naming.server(standing.server, ofOrigin: row.origin))
          one.member("last", standing.last)
          one.member("seen_ms", Self.number(standing.age))
          switch standing.lag {
          case .segments(let count): one.member("lag_segments", count)
          case .time(let time): one.member("lag_ms", Self.number(time))
          case nil: one.memberNull("lag_ms")
          }
        }
      }
    }
  }

  private func write(
    _ entry: StreamTimelineEntry, of row: StreamRow, to object: inout JSONWriter
  ) {
    object.member("time", Self.text(entry.at))
    object.member("event", entry.event.label)
    if !entry.order.isEmpty { object.member("order", entry.order) }
    if let from = entry.from {
      object.member("from", naming.server(from, ofOrigin: row.origin))
    }
    if let to = entry.to { object.member("to", naming.server(to, ofOrigin: row.origin)) }
    if !entry.rendition.isEmpty { object.member("playlist", Self.text(entry.rendition)) }
  }

  private static func words(_ lag: StreamRow.Lag?) -> String {
    switch lag {
    case nil: ""
    case .segments(0): ", not behind"
    case .segments(let count): ", \(count) segments behind"
    case .time(let time): time.count <= 0 ? ", not behind" : ", \(time.count) ms behind"
    }
  }

  private static func number(_ time: Milliseconds) -> UInt64 { UInt64(max(0, time.count)) }

  private static func text(_ path: [UInt8]) -> String { String(decoding: path, as: UTF8.self) }

  private static func text(_ time: WallTime) -> String {
    var text = TextBuffer(capacity: 32)
    text.append(time)
    return text.string
  }
}
