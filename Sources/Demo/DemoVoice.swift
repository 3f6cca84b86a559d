/// What the demo says: to people as it goes, to programs once, as one line of JSON.
struct DemoVoice {
  /// Whether standard output belongs to a program.
  let isForPrograms: Bool
  /// Writes to standard output.
  let output: (String) -> Void
  /// Writes to standard error.
  let errors: (String) -> Void

  /// How far it is.
  func progress(_ text: String) {
    (isForPrograms ? errors : output)("demo: \(text)\n")
  }

  /// Why it ends.
  func failed(_ text: String) { errors("spillway demo: \(text)\n") }

  /// What to open.
  func announce(_ settings: DemoSettings, parts: [Child], folder: String) {
    let url = settings.url
    let links = [
      ("page", "\(url)/"), ("hls", "\(url)/live/master.m3u8"), ("dash", "\(url)/live/live.mpd"),
      ("origin_a", "http://127.0.0.1:\(settings.originPort(0))/"),
      ("origin_b", "http://127.0.0.1:\(settings.originPort(1))/"),
      ("metrics", "http://127.0.0.1:\(settings.metricsPort)/metrics"), ("folder", folder),
    ]
    guard !isForPrograms else {
      let members = links.map { "\(DemoVoice.quoted($0.0)):\(DemoVoice.quoted($0.1))" }
      let pids = parts.map { "\(DemoVoice.quoted($0.name)):\($0.pid)" }
      output("{\(members.joined(separator: ",")),\"pids\":{\(pids.joined(separator: ","))}}\n")
      return
    }
    output(
      """

      Open  \(links[0].1)  in Chromium, Chrome, Edge or Safari

        HLS      \(links[1].1)
        DASH     \(links[2].1)
        metrics  \(links[5].1)
        status   spillway status --socket \(folder)/admin.sock
        files    \(folder)

      Ctrl-C ends it and leaves nothing behind.

      """)
  }

  /// A JSON string; what the demo says holds no control characters but those of a folder's name.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
