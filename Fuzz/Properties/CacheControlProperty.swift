import Wire

/// Cache-Control: one line or two make no difference, a later line never changes a lifetime nor
/// takes a prohibition away, what is written anew is read alike, and only whole names are listed.
enum CacheControlProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count <= 1 << 14 else { return }
    var whole = CacheControl()
    whole.add(bytes.span)
    precondition((whole.maxAge ?? 0) <= WireLimits.deltaSecondsMax)
    precondition((whole.sharedMaxAge ?? 0) <= WireLimits.deltaSecondsMax)

    var twice = whole
    twice.add(bytes.span)
    precondition(twice == whole, "a repeated line changes the meaning")

    // A semicolon separates lines here: each line adds restrictions.
    var lines = CacheControl()
    for line in bytes.split(separator: 0x3B) {
      let before = lines
      let text = Array(line)
      lines.add(text.span)
      precondition(lines.flags.isSuperset(of: before.flags), "a line took a directive away")
      precondition(before.maxAge == nil || lines.maxAge == before.maxAge, "the first counts")
      precondition(before.sharedMaxAge == nil || lines.sharedMaxAge == before.sharedMaxAge)
    }

    let text = rewritten(whole)
    var again = CacheControl()
    again.add(text.span)
    again.flags.formUnion(whole.flags.intersection(.malformed))
    precondition(again == whole, "written anew, it means something else")
    checkListed(
      bytes.span, isListed: !whole.flags.isDisjoint(with: [.privateFields, .noCacheFields]))
  }

  private static func checkListed(_ value: Span<UInt8>, isListed: Bool) {
    var names = ListedFields(value.wholeRange)
    var count = 0
    while let name = names.next(in: value) {
      precondition(!name.isEmpty)
      for index in Int(name.start)..<name.end { precondition(value[index].isTokenCharacter) }
      count += 1
    }
    precondition((count > 0) == isListed, "names without the flag, or the flag without names")
  }

  private static func rewritten(_ control: CacheControl) -> [UInt8] {
    var text: [String] = []
    let names: [(CacheControl.Flags, String)] = [
      (.noStore, "no-store"), (.noCache, "no-cache"), (.noCacheFields, "no-cache=\"a\""),
      (.isPrivate, "private"), (.privateFields, "private=\"a\""), (.isPublic, "public"),
      (.mustRevalidate, "must-revalidate"), (.proxyRevalidate, "proxy-revalidate"),
      (.immutable, "immutable"), (.mustUnderstand, "must-understand"),
      (.noTransform, "no-transform"), (.onlyIfCached, "only-if-cached"),
    ]
    for (flag, name) in names where control.has(flag) { text.append(name) }
    let lifetimes: [(UInt32?, String)] = [
      (control.maxAge, "max-age"), (control.sharedMaxAge, "s-maxage"),
      (control.staleWhileRevalidate, "stale-while-revalidate"),
      (control.staleIfError, "stale-if-error"), (control.minFresh, "min-fresh"),
    ]
    for (seconds, name) in lifetimes { if let seconds { text.append("\(name)=\"\(seconds)\"") } }
    if let seconds = control.maxStale {
      text.append(seconds == .max ? "max-stale" : "max-stale=\(seconds)")
    }
    return Array(text.joined(separator: " , ").utf8)
  }
}
