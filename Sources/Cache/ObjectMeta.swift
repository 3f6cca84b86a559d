public import Bytes
public import Policy
internal import Wire

/// What lies beside an object's bytes on a volume: its key, its head and for how long it is good.
///
/// Written as one block behind the fragment's header; the store does not look into it. Times are
/// the wall clock's, for the monotonic clock ends with its process. Lines that were one viewer's
/// own (`private="..."`) are not in it: their viewer is gone.
public struct ObjectMeta: Sendable {
  /// The cache key: compared before anything is served, for equal hashes prove nothing.
  public private(set) var keyText: [UInt8] = []
  /// Where in the key the request target begins.
  public private(set) var targetStart = 0
  /// It was fetched with identity coding whatever the viewer accepted.
  public private(set) var isIdentityOnly = false
  /// The head.
  public private(set) var head = StoredHead.empty
  /// The status that the origin answered.
  public private(set) var originStatus: UInt16 = 0
  /// For how long it may be used.
  public private(set) var freshness = Freshness(lifetime: .zero)
  /// When its head arrived.
  public private(set) var arrival = WallTime(milliseconds: 0)
  /// The purge number when its origin request was sent.
  public private(set) var filledSequence: UInt64 = 0
  /// What it may be purged by.
  public private(set) var tags: [[UInt8]] = []
  /// What its key varies by.
  public private(set) var vary: VaryRule?

  /// The version of the layout: another one's blocks are not read.
  static let version: UInt64 = 1

  /// The block of an object whose Fill is over.
  public init(_ object: CachedObject, now: Instant, wall: WallTime) {
    keyText = object.keyText
    targetStart = object.targetStart
    isIdentityOnly = object.isIdentityOnly
    head = object.head
    originStatus = object.originStatus
    freshness = object.freshness
    arrival = WallTime(
      milliseconds: wall.milliseconds - max(0, (now - object.arrival).count))
    filledSequence = object.filledSequence
    tags = object.tags
    vary = object.vary
  }

  /// Until when it may be of use: fresh, or stale in place of a failing origin.
  public var usableUntil: WallTime {
    let stale = max(freshness.staleWhileRevalidate.count, freshness.staleIfError.count)
    let left = freshness.lifetime.count - freshness.initialAge.count
    return WallTime(milliseconds: arrival.milliseconds &+ max(0, left) &+ max(0, stale))
  }

  /// The name of its site: what its key begins with.
  public var siteName: String {
    String(decoding: keyText.prefix { $0 != UInt8(ascii: "|") }, as: UTF8.self)
  }

  /// Whether it was purged since its origin request was sent.
  public func isPurged(by log: PurgeLog, primary: Hash128, site: Int) -> Bool {
    log.isPurged(
      primary: primary, site: site, key: keyText, targetStart: targetStart, tags: tags,
      filled: filledSequence)
  }

  /// The block.
  public var encoded: [UInt8] {
    var writer = MetaWriter()
    writer.append(ObjectMeta.version, bytes: 1)
    writer.append(text: keyText)
    writer.append(UInt64(targetStart), bytes: 4)
    writer.append(flag: isIdentityOnly)
    writer.append(UInt64(head.status), bytes: 2)
    writer.append(UInt64(originStatus), bytes: 2)
    writer.append(text: head.block)
    writer.append(text: head.via)
    writer.append(text: head.cacheStatus)
    for length in [
      freshness.lifetime, freshness.initialAge, freshness.staleWhileRevalidate,
      freshness.staleIfError,
    ] {
      writer.append(length.count)
    }
    writer.append(flag: freshness.mustRevalidate)
    writer.append(flag: freshness.alwaysRevalidate)
    writer.append(flag: freshness.isShared)
    writer.append(flag: freshness.statesStaleIfError)
    writer.append(UInt64(freshness.source.rawValue), bytes: 1)
    writer.append(arrival.milliseconds)
    writer.append(filledSequence)
    writer.append(UInt64(tags.count), bytes: 1)
    for tag in tags { writer.append(text: tag) }
    writer.append(text: vary?.encoded ?? [])
    return writer.bytes
  }

  /// Reads a block; `nil` for anything that this version did not write.
  ///
  /// `negotiation` is what the site tells apart of codings and languages now.
  public init?(
    _ bytes: Span<UInt8>, wall: WallTime, negotiation: Negotiation = .usual
  ) {
    var reader = MetaReader(bytes)
    guard reader.integer(bytes: 1) == ObjectMeta.version else { return nil }
    keyText = reader.text(atMost: CacheLimits.metaBytes)
    targetStart = Int(reader.integer(bytes: 4))
    isIdentityOnly = reader.flag()
    let status = UInt16(reader.integer(bytes: 2))
    originStatus = UInt16(reader.integer(bytes: 2))
    let block = reader.text(atMost: CacheLimits.metaBytes)
    let via = reader.text(atMost: CacheLimits.metaBytes)
    let cacheStatus = reader.text(atMost: CacheLimits.metaBytes)
    guard ObjectMeta.readFreshness(&reader, into: &freshness) else { return nil }
    arrival = WallTime(milliseconds: reader.signed())
    filledSequence = reader.integer()
    let tagCount = Int(reader.integer(bytes: 1))
    guard tagCount <= CacheLimits.tagsPerObject else { return nil }
    for _ in 0..<tagCount { tags.append(reader.text(atMost: CacheLimits.metaBytes)) }
    let rule = reader.text(atMost: CacheLimits.metaBytes)
    guard reader.isSound, reader.isAtEnd, targetStart < keyText.count else { return nil }
    if !rule.isEmpty {
      guard let known = VaryRule(encoded: rule.span, negotiation: negotiation) else { return nil }
      vary = known
    }
    let restored = StoredHead(
      status: status, block: block.span, via: via, cacheStatus: cacheStatus, now: wall)
    guard let restored else { return nil }
    head = restored
  }

  private static func readFreshness(
    _ reader: inout MetaReader, into freshness: inout Freshness
  ) -> Bool {
    freshness.lifetime = Milliseconds(reader.signed())
    freshness.initialAge = Milliseconds(reader.signed())
    freshness.staleWhileRevalidate = Milliseconds(reader.signed())
    freshness.staleIfError = Milliseconds(reader.signed())
    freshness.mustRevalidate = reader.flag()
    freshness.alwaysRevalidate = reader.flag()
    freshness.isShared = reader.flag()
    freshness.statesStaleIfError = reader.flag()
    guard let source = LifetimeSource(rawValue: UInt8(reader.integer(bytes: 1))) else {
      return false
    }
    freshness.source = source
    let bound = CacheLimits.keptLifetime.count
    return [
      freshness.lifetime, freshness.initialAge, freshness.staleWhileRevalidate,
      freshness.staleIfError,
    ].allSatisfy { $0.count >= 0 && $0.count <= bound }
  }
}
