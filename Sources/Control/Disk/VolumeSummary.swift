internal import Store

/// What `spillway cache verify` and `rebuild` found, for people and, as JSON, for programs.
public struct VolumeSummary: Sendable {
  /// One number: its name in JSON, what people read, and the number.
  private struct Figure: Sendable {
    let key: String
    let text: String
    let number: UInt64
  }

  /// Whether nothing bad was found.
  public let isFine: Bool
  private var figures: [Figure] = []
  /// A line for each bad fragment that is named, and what is to be said besides.
  private var remarks: [String] = []

  /// What a verification found; without an index nothing is known of what is reachable.
  init(_ report: VerifyReport, paths: [String], hasIndex: Bool) {
    isFine = report.bad == 0 && hasIndex
    figures = [
      Figure(key: "zones", text: "zones read", number: report.zones),
      Figure(key: "bytes", text: "bytes read", number: report.bytes),
      Figure(key: "sound", text: "sound fragments", number: report.sound),
      Figure(key: "bad", text: "bad fragments", number: report.bad),
    ]
    if hasIndex {
      let text = "unreachable fragments: replaced, removed or never committed"
      figures.append(Figure(key: "unreachable", text: text, number: report.unreachable))
    } else {
      remarks.append(
        "the index is not that of these volumes: run `spillway cache rebuild`, or start the node")
    }
    for place in report.badPlaces {
      remarks.append(
        "bad: \(paths[Int(place.volume)]), zone \(place.zone), sector \(place.sector), "
          + "\(place.length) bytes")
    }
    if report.bad > UInt64(report.badPlaces.count) { remarks.append("bad: and more") }
  }

  /// What a rebuild made.
  init(_ progress: RebuildProgress?, objects: UInt64) {
    isFine = true
    figures = [
      Figure(key: "zones", text: "zones read", number: UInt64(progress?.zones ?? 0)),
      Figure(key: "fragments", text: "fragments found", number: progress?.fragments ?? 0),
      Figure(key: "objects", text: "objects, and keys that vary, in the index", number: objects),
    ]
  }

  /// A line for each number, then the remarks.
  public var text: String {
    let width = figures.map { "\($0.number)".count }.max() ?? 0
    let lines = figures.map { figure in
      let digits = "\(figure.number)"
      return String(repeating: " ", count: width - digits.count) + "\(digits) \(figure.text)\n"
    }
    return lines.joined() + remarks.map { $0 + "\n" }.joined()
  }

  /// One object on one line.
  public var json: String {
    var writer = JSONWriter()
    writer.object { summary in
      summary.member("fine", isFine ? "yes" : "no")
      for figure in figures { summary.member(figure.key, figure.number) }
      summary.array("remarks") { list in
        for remark in remarks { list.object { $0.member("text", remark) } }
      }
    }
    return writer.finish()
  }
}
