internal import Wire

/// The hosts of all sites, searched without allocation.
///
/// Exact names first, then the longest `*.suffix`, then `*`. Each list is sorted by length and
/// bytes, so a search is one binary search per label of the host.
struct HostTable: Sendable {
  private struct Entry: Sendable {
    let start: Int
    let count: Int
    let site: Int
  }

  private var text: [UInt8] = []
  private var exact: [Entry] = []
  private var suffixes: [Entry] = []
  private var anyHost: Int?

  /// Takes up every host of `sites`; their names are compared in lower case.
  init(_ sites: [SiteSettings]) throws(SnapshotError) {
    for (index, site) in sites.enumerated() {
      if site.hosts.isEmpty { throw .siteWithoutHosts(site: site.name) }
      for host in site.hosts { try add(host, site: index, name: site.name) }
    }
    exact = try sorted(exact)
    suffixes = try sorted(suffixes)
  }

  /// The site that answers for `host`, as it stands in a Host field: any case, maybe with a port.
  func site(forHost host: Span<UInt8>) -> Int? {
    let name = HostTable.withoutPort(host)
    if let site = find(name, in: exact) { return site }
    if !suffixes.isEmpty {
      // The leftmost dot leaves the longest suffix.
      for index in name.indices where index > 0 && name[index] == UInt8(ascii: ".") {
        if let site = find(name.extracting((index + 1)...), in: suffixes) { return site }
      }
    }
    return anyHost
  }

  /// `host` without its port and without the dot of a fully qualified name.
  @_lifetime(copy host)
  static func withoutPort(_ host: Span<UInt8>) -> Span<UInt8> {
    var end = host.count
    var index = end - 1
    while index >= 0, host[index] >= UInt8(ascii: "0"), host[index] <= UInt8(ascii: "9") {
      index -= 1
    }
    if index >= 0, host[index] == UInt8(ascii: ":") { end = index }
    if end > 1, host[end - 1] == UInt8(ascii: ".") { end -= 1 }
    return host.extracting(0..<end)
  }

  private mutating func add(_ host: String, site: Int, name: String) throws(SnapshotError) {
    if host == "*" {
      if anyHost != nil { throw .hostTwice(host: host) }
      anyHost = site
      return
    }
    let isSuffix = host.hasPrefix("*.")
    let bytes = (isSuffix ? Array(host.utf8.dropFirst(2)) : Array(host.utf8)).map(\.lowercased)
    let allowed = bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && !forbiddenInHost($0) }
    guard !bytes.isEmpty, bytes.count <= PolicyLimits.hostBytesMax, allowed else {
      throw .hostInvalid(site: name, host: host)
    }
    let entry = Entry(start: text.count, count: bytes.count, site: site)
    text += bytes
    if isSuffix { suffixes.append(entry) } else { exact.append(entry) }
  }

  private func find(_ name: Span<UInt8>, in list: [Entry]) -> Int? {
    var low = 0
    var high = list.count
    while low < high {
      let middle = (low + high) / 2
      let order = compare(list[middle], name)
      if order == 0 { return list[middle].site }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Negative, zero or positive as `entry` sorts before, with or after `name` in lower case.
  private func compare(_ entry: Entry, _ name: Span<UInt8>) -> Int {
    if entry.count != name.count { return entry.count - name.count }
    for index in 0..<entry.count {
      let difference = Int(text[entry.start + index]) - Int(name[index].lowercased)
      if difference != 0 { return difference }
    }
    return 0
  }

  private func sorted(_ list: [Entry]) throws(SnapshotError) -> [Entry] {
    let sorted = list.sorted { precedes($0, $1) }
    for (left, right) in zip(sorted, sorted.dropFirst()) where !precedes(left, right) {
      let host = String(decoding: text[left.start..<left.start + left.count], as: UTF8.self)
      throw .hostTwice(host: host)
    }
    return sorted
  }

  private func precedes(_ left: Entry, _ right: Entry) -> Bool {
    compare(left, text.span.extracting(right.start..<(right.start + right.count))) < 0
  }
}

/// Bytes that would make a key text ambiguous or that no host can hold.
private func forbiddenInHost(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "|"), UInt8(ascii: "@"),
    UInt8(ascii: "?"), UInt8(ascii: "#"):
    true
  default: false
  }
}
