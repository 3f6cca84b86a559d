/// The directives of a message's Cache-Control fields together (RFC 9111 section 5.2).
///
/// What the RFC leaves open is settled so. Of several values of one directive, over all lines, the
/// first counts, and a value that cannot be read counts as zero, so that in doubt an answer is
/// stale (section 4.2.1). Prohibitions add up and count with any argument; permissions (`public`,
/// `immutable`, `must-understand`) count only without one. A list of field names that is empty or
/// malformed makes `private` and `no-cache` the bare directives.
public struct CacheControl: Equatable, Sendable {
  /// The directives that are there or not.
  public struct Flags: OptionSet, Equatable, Sendable {
    /// One bit each.
    public let rawValue: UInt16

    /// Makes a set from its bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `no-store`.
    public static let noStore = Flags(rawValue: 1 << 0)
    /// `no-cache` without field names.
    public static let noCache = Flags(rawValue: 1 << 1)
    /// `no-cache="field, ..."`: those fields may not be reused without revalidation.
    public static let noCacheFields = Flags(rawValue: 1 << 2)
    /// `private` without field names.
    public static let isPrivate = Flags(rawValue: 1 << 3)
    /// `private="field, ..."`: those fields may not be stored by a shared cache.
    public static let privateFields = Flags(rawValue: 1 << 4)
    /// `public`.
    public static let isPublic = Flags(rawValue: 1 << 5)
    /// `must-revalidate`.
    public static let mustRevalidate = Flags(rawValue: 1 << 6)
    /// `proxy-revalidate`.
    public static let proxyRevalidate = Flags(rawValue: 1 << 7)
    /// `immutable` (RFC 8246).
    public static let immutable = Flags(rawValue: 1 << 8)
    /// `must-understand`.
    public static let mustUnderstand = Flags(rawValue: 1 << 9)
    /// `no-transform`.
    public static let noTransform = Flags(rawValue: 1 << 10)
    /// `only-if-cached`, of requests.
    public static let onlyIfCached = Flags(rawValue: 1 << 11)
    /// Some argument that counts could not be read, or stands where none is defined.
    public static let malformed = Flags(rawValue: 1 << 12)
  }

  /// What is there.
  public var flags: Flags = []
  /// `max-age` in seconds.
  public var maxAge: UInt32?
  /// `s-maxage` in seconds.
  public var sharedMaxAge: UInt32?
  /// `stale-while-revalidate` in seconds (RFC 5861).
  public var staleWhileRevalidate: UInt32?
  /// `stale-if-error` in seconds (RFC 5861).
  public var staleIfError: UInt32?
  /// `max-stale` of a request in seconds; without an argument any staleness is accepted.
  public var maxStale: UInt32?
  /// `min-fresh` of a request in seconds.
  public var minFresh: UInt32?

  /// Makes an empty set of directives.
  public init() {}

  /// Reads all lines of `token` in a head.
  ///
  /// - Parameters:
  ///   - fields: the head's fields.
  ///   - token: the field to read: `.cacheControl`, or a targeted one.
  ///   - bytes: the head that the fields were parsed from.
  public init(
    of fields: borrowing HeadFields, _ token: FieldName = .cacheControl, in bytes: Span<UInt8>
  ) {
    var line = fields.firstIndex(of: token)
    while let index = line {
      add(bytes.slice(fields[index].value))
      line = fields.nextIndex(of: token, after: index)
    }
  }

  /// Whether `flag` is there.
  @inline(__always)
  public func has(_ flag: Flags) -> Bool { flags.contains(flag) }

  /// Reads one more line of the field.
  public mutating func add(_ value: Span<UInt8>) {
    guard value.count <= WireLimits.headMax else {
      flags.insert([.malformed, .noStore])
      return
    }
    var directives = CacheDirectives(value.wholeRange)
    while let directive = directives.next(in: value) { add(directive, in: value) }
  }
}
