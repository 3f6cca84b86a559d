internal import Bytes
internal import Synchronization

// Purges outlive the process where objects do: written down before they are answered.
//
//   version u8 | ceiling u64 | everything u64
//   sites     u32 × (name, sequence)       URLs  u32 × (hash, site's name, sequence)
//   prefixes  u32 × (site's name, path, sequence)   tags  u32 × (tag, sequence)
//   XXH3 of all that
extension PurgeLog {
  /// The version of the layout.
  private static let version: UInt64 = 1

  /// What is to be written down; `name` tells the name of a site, for indices change with files.
  ///
  /// The ceiling lies above every number that this process will give before it writes again: an
  /// object that carries one of them is never newer than a later purge.
  public func encoded(siteName name: (Int) -> String) -> [UInt8] {
    lock.lock()
    defer { lock.unlock() }
    var writer = MetaWriter()
    writer.append(PurgeLog.version, bytes: 1)
    writer.append(currentCell.load(ordering: .relaxed) + CacheLimits.purgesAhead)
    writer.append(everything)
    let named = sites.map { (name($0.key), $0.value) } + absentSites.map { ($0.key, $0.value) }
    writer.append(UInt64(named.count), bytes: 4)
    for (site, sequence) in named {
      writer.append(text: Array(site.utf8))
      writer.append(sequence)
    }
    writer.append(UInt64(urls.all.count), bytes: 4)
    for (hash, sequence) in urls.all {
      writer.append(hash.low)
      writer.append(hash.high)
      writer.append(text: Array((urlSites[hash].map(name) ?? "").utf8))
      writer.append(sequence)
    }
    writer.append(UInt64(prefixes.count), bytes: 4)
    for prefix in prefixes {
      writer.append(text: Array(name(prefix.site).utf8))
      writer.append(text: prefix.path)
      writer.append(prefix.sequence)
    }
    writer.append(UInt64(tags.all.count), bytes: 4)
    for (tag, sequence) in tags.all {
      writer.append(text: tag)
      writer.append(sequence)
    }
    writer.append(PurgeLog.checksum(writer.bytes.span))
    return writer.bytes
  }

  /// Takes over what an earlier process wrote down; before the first lookup.
  ///
  /// `site` tells the index of a site's name, if it is configured.
  /// - Returns: `false` where it cannot be read: then nothing that lies on volumes may be served.
  public func restore(_ bytes: Span<UInt8>, site: (String) -> Int?) -> Bool {
    guard bytes.count > 8, let read = KeptPurges(bytes) else { return false }
    lock.lock()
    defer { lock.unlock() }
    everything = read.everything
    for (name, sequence) in read.sites { noteSite(name, site(name), sequence) }
    for url in read.urls {
      if let index = site(url.site) {
        urlSites[url.hash] = index
        _ = urls.note(url.hash, url.sequence)
      } else {
        noteSite(url.site, nil, url.sequence)
      }
    }
    for prefix in read.prefixes {
      if let index = site(prefix.site) {
        prefixes.append((index, prefix.path, prefix.sequence))
      } else {
        noteSite(prefix.site, nil, prefix.sequence)
      }
    }
    for (tag, sequence) in read.tags { _ = tags.note(tag, sequence) }
    currentCell.store(read.ceiling, ordering: .releasing)
    return true
  }

  /// Nothing is known of earlier purges: whatever lies on volumes counts as purged.
  public func forgetEverything(before ceiling: UInt64) {
    lock.withLock {
      everything = ceiling
      currentCell.store(ceiling, ordering: .releasing)
    }
  }

  /// With the lock held.
  private func noteSite(_ name: String, _ index: Int?, _ sequence: UInt64) {
    if let index {
      sites[index] = max(sites[index, default: 0], sequence)
    } else {
      absentSites[name] = max(absentSites[name, default: 0], sequence)
    }
  }

  fileprivate static func checksum(_ bytes: Span<UInt8>) -> UInt64 {
    // XXH3 with 128 bits is what Span offers; half of it is enough here.
    Hash128(of: bytes).low
  }
}

/// A purge log as it was written down.
private struct KeptPurges {
  var ceiling: UInt64 = 0
  var everything: UInt64 = 0
  var sites: [(String, UInt64)] = []
  var urls: [(hash: Hash128, site: String, sequence: UInt64)] = []
  var prefixes: [(site: String, path: [UInt8], sequence: UInt64)] = []
  var tags: [([UInt8], UInt64)] = []

  init?(_ bytes: Span<UInt8>) {
    let text = bytes.extracting(first: bytes.count - 8)
    var end = MetaReader(bytes.extracting(last: 8))
    guard end.integer() == PurgeLog.checksum(text) else { return nil }
    var reader = MetaReader(text)
    guard reader.integer(bytes: 1) == 1 else { return nil }
    ceiling = reader.integer()
    everything = reader.integer()
    for _ in 0..<reader.integer(bytes: 4) where reader.isSound {
      sites.append((KeptPurges.name(&reader), reader.integer()))
    }
    for _ in 0..<reader.integer(bytes: 4) where reader.isSound {
      let hash = Hash128(low: reader.integer(), high: reader.integer())
      urls.append((hash, KeptPurges.name(&reader), reader.integer()))
    }
    for _ in 0..<reader.integer(bytes: 4) where reader.isSound {
      let site = KeptPurges.name(&reader)
      prefixes.append((site, reader.text(atMost: CacheLimits.metaBytes), reader.integer()))
    }
    for _ in 0..<reader.integer(bytes: 4) where reader.isSound {
      tags.append((reader.text(atMost: CacheLimits.metaBytes), reader.integer()))
    }
    guard reader.isSound, reader.isAtEnd else { return nil }
  }

  private static func name(_ reader: inout MetaReader) -> String {
    String(decoding: reader.text(atMost: CacheLimits.metaBytes), as: UTF8.self)
  }
}
