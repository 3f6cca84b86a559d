internal import Bytes
internal import Wire

extension StoredHead {
  /// Lets scripts of other sites read what the edge says of an answer, where the origin lets them
  /// read the answer itself: players choose a rendition by its age, length and timing.
  ///
  /// What the origin exposes stays exposed; its own Timing-Allow-Origin stands. Composed once, when
  /// a head is stored or passed on. Streams rules, section 7; the Fetch standard, section 3.2, and
  /// Resource Timing, section 4.5.
  mutating func exposeToScripts() {
    guard let allowed = first(.accessControlAllowOrigin),
      allowed.count <= CacheLimits.allowedOriginBytes
    else { return }
    if first(.timingAllowOrigin) == nil {
      let text = Array(block[Int(allowed.start)..<allowed.end])
      append(.timingAllowOrigin, name: "Timing-Allow-Origin".utf8Span.span, value: text.span)
    }
    let missing = StoredHead.exposed.filter { !exposes($0) }
    guard !missing.isEmpty, !exposesAll else { return }
    let list = missing.joined(separator: ", ")
    if let line = first(.accessControlExposeHeaders) {
      let own = block[Int(line.start)..<line.end] + (line.isEmpty ? "" : ", ").utf8
      replaceFirst(.accessControlExposeHeaders, with: own + Array(list.utf8))
    } else {
      add(.accessControlExposeHeaders, list)
    }
  }

  private static let exposed = [
    "Age", "Date", "Content-Length", "Content-Range", "Cache-Status", "CMSD-Static", "CMSD-Dynamic",
  ]

  /// Whether a field is listed in Access-Control-Expose-Headers.
  private func exposes(_ name: String) -> Bool {
    for line in lines where line.token == .accessControlExposeHeaders {
      var list = TokenList(line.value)
      while let element = list.next(in: block.span) {
        if block.span.slice(element).equalsIgnoringCase(name.utf8Span.span) { return true }
      }
    }
    return false
  }

  /// Everything is exposed by `*`, which is a mere name where credentials are allowed.
  private var exposesAll: Bool { exposes("*") && first(.accessControlAllowCredentials) == nil }
}
