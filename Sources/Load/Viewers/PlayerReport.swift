/// What a player tells of itself with a request, as Common Media Client Data says it.
struct PlayerReport: Equatable {
  /// What is asked for: the tokens of `ot`.
  enum Object: String { case manifest = "m", video = "v", audio = "a", initialization = "i" }

  var object = Object.manifest
  /// `h` for HLS, `d` for DASH.
  var format = "h"
  var isLive = true
  var isLowLatency = false
  /// No picture has been seen yet.
  var isStarting = true
  /// The picture stands still.
  var isStalled = false
  /// From pressing play to the first picture, in nanoseconds.
  var startup: Int64?
  /// Nanoseconds that can be played without another answer.
  var buffered: Int64 = 0
  /// Measured bits a second.
  var throughput: Double?
  /// Announced bits a second of the media asked for, and of the richest rendition.
  var bandwidth: UInt64?
  var topBandwidth: UInt64 = 0
  /// Nanoseconds that the media asked for plays.
  var duration: Int64?
  /// How far the picture is behind its recording, in nanoseconds.
  var latency: Int64?
}

/// Which version of CMCD players send, and how.
public enum CMCDMode: String, Sendable, CaseIterable {
  case none
  case v1
  case v2
  case v1query = "v1-query"
  case v2query = "v2-query"

  var isQuery: Bool { self == .v1query || self == .v2query }
  var version: Int { self == .v2 || self == .v2query ? 2 : 1 }
}

/// Writes Common Media Client Data (CTA-5004, CTA-5004-B): a structured dictionary whose keys stand
/// in alphabetical order, in four fields by how often they change, or in the query.
struct CMCDWriter {
  private enum Shard: String, CaseIterable {
    case object = "CMCD-Object"
    case request = "CMCD-Request"
    case session = "CMCD-Session"
    case status = "CMCD-Status"
  }

  private let mode: CMCDMode
  private let session: String
  private let content: String
  private var sequence = 0
  private var hasToldStartup = false
  private var hasToldStall = false

  /// - Parameters:
  ///   - mode: the version, and where it is put.
  ///   - session: the player's `sid`.
  ///   - content: the `cid`.
  init(_ mode: CMCDMode, session: String, content: String) {
    self.mode = mode
    self.session = session
    self.content = content
  }

  /// Fields to put into a request's head, each with its line end; empty in the query modes.
  mutating func fields(_ report: PlayerReport) -> String {
    guard mode != .none, !mode.isQuery else { return "" }
    let keys = keys(report)
    return Shard.allCases.map { shard in
      let own = keys.filter { $0.shard == shard }.map(\.text)
      return own.isEmpty ? "" : "\(shard.rawValue): \(own.joined(separator: ","))\r\n"
    }.joined()
  }

  /// An argument to put into a target's query: `CMCD=…`; `nil` in the other modes.
  mutating func argument(_ report: PlayerReport) -> String? {
    guard mode.isQuery else { return nil }
    let dictionary = keys(report).map(\.text).joined(separator: ",")
    return "CMCD=" + CMCDWriter.percentEncoded(dictionary)
  }

  private mutating func keys(_ report: PlayerReport) -> [(shard: Shard, text: String)] {
    sequence += 1
    let isMedia = report.object == .video || report.object == .audio
    var keys: [(shard: Shard, key: String, value: String?)] = []
    func add(_ shard: Shard, _ key: String, _ value: String?) { keys.append((shard, key, value)) }
    if let bandwidth = report.bandwidth, isMedia, bandwidth > 0 {
      add(.object, "br", list(bandwidth / 1000, report))
      add(.object, "tb", list(max(report.topBandwidth, bandwidth) / 1000, report))
    }
    if let duration = report.duration { add(.object, "d", "\(duration / 1_000_000)") }
    add(.object, "ot", report.object.rawValue)
    if isMedia {
      let buffer = CMCDWriter.hundreds(report.buffered / 1_000_000)
      add(.request, "bl", list(UInt64(buffer), report))
      add(.request, "dl", "\(buffer)")
    }
    if let throughput = report.throughput {
      let kilobits = CMCDWriter.hundreds(Int64(min(1e12, throughput / 1000)))
      add(.request, "mtp", list(UInt64(kilobits), report))
    }
    if report.isStarting || report.isStalled { add(.request, "su", nil) }
    add(.session, "cid", "\"\(content)\"")
    add(.session, "sid", "\"\(session)\"")
    add(.session, "sf", report.format)
    add(
      .session, "st", report.isLive ? (report.isLowLatency && mode.version == 2 ? "ll" : "l") : "v")
    // A stall is told once.
    if report.isStalled, !hasToldStall { add(.status, "bs", nil) }
    hasToldStall = report.isStalled
    if mode.version == 2 { addSecondVersion(report, add) }
    return keys.sorted { $0.key < $1.key }.map { key in
      (key.shard, key.value.map { "\(key.key)=\($0)" } ?? key.key)
    }
  }

  private mutating func addSecondVersion(
    _ report: PlayerReport, _ add: (Shard, String, String?) -> Void
  ) {
    add(.session, "v", "2")
    add(.request, "sn", "\(sequence)")
    add(.request, "sta", report.isStarting ? "s" : report.isStalled ? "r" : "p")
    if let latency = report.latency { add(.request, "ltc", "\(latency / 1_000_000)") }
    if let startup = report.startup, !hasToldStartup {
      add(.session, "msd", "\(startup / 1_000_000)")
      hasToldStartup = true
    }
  }

  /// A number, which version 2 puts into a list with the kind of object that it is of.
  private func list(_ number: UInt64, _ report: PlayerReport) -> String {
    guard mode.version == 2 else { return "\(number)" }
    return report.object == .audio ? "(\(number);a)" : "(\(number);v)"
  }

  /// Rounded to a hundred, as the text asks for `bl`, `dl` and `mtp`.
  private static func hundreds(_ number: Int64) -> Int64 { (number + 50) / 100 * 100 }

  private static func percentEncoded(_ text: String) -> String {
    var output = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        output.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        output += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return output
  }
}
