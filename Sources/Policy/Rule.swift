public import Bytes
public import Streams
public import Wire

/// A compiled rule: a plain value without references; its texts lie in the snapshot's table.
public struct Rule: Sendable, Equatable {
  /// Which arguments of a query are in the key.
  public enum Query: Sendable, Equatable {
    /// All as sent.
    case all
    /// None.
    case none
    /// Those that `Snapshot` lists for this rule.
    case only
  }

  /// The fresh lifetime that replaces the origin's, if any.
  public let ttl: Milliseconds?
  /// The stale time that replaces the origin's, if any.
  public let stale: Milliseconds?
  /// Requests pass, nothing is kept.
  public let bypass: Bool
  /// The arguments in the key.
  public let query: Query
  /// The default lifetime holds over `no-cache` and `no-store`.
  public let live: Bool
  /// Manifests are never shared: see `isSession(of:)`.
  public let session: Bool

  /// The fresh lifetime of errors that replaces the origin's, if any.
  public let errorTTL: Milliseconds?
  /// Lifetimes may be guessed from Last-Modified.
  public let heuristic: Bool
  /// Viewers' cache directives are obeyed.
  public let obeysRequests: Bool
  /// What of the origin's answer is not heeded.
  public let ignores: IgnoredDirectives
  /// The codings that are told apart.
  public let codings: CodingSet
  /// Which fields of the viewer go on with a Fill.
  public let requestFields: FieldForwarding
  /// What happens to a Range for an object that is not stored.
  public let range: RangeHandling
  /// Bytes of the slices that objects are fetched and stored in; 0 for whole objects.
  public let sliceBytes: Int

  let queryNames: Range<Int>
  let languages: Range<Int>

  /// What holds where no rule matches: the origin decides, the whole query is in the key.
  public static let none = Rule(
    RuleSettings(match: "/**"), queryNames: 0..<0, languages: 0..<0)

  /// Whether an object of this kind is one viewer's: under `session` all but media, for a session
  /// may be made by any URL.
  public func isSession(of kind: ObjectKind) -> Bool {
    guard session else { return false }
    switch kind {
    case .segment, .initSegment, .key, .text, .image: return false
    case .playlist, .multivariantPlaylist, .mediaPlaylist, .dashManifest, .other: return true
    }
  }

  /// Whether a Fill carries the fields of the viewer who missed.
  public func forwardsFields(ofStream isStream: Bool) -> Bool {
    requestFields == .all || requestFields == .auto && !isStream
  }

  init(_ settings: RuleSettings, queryNames: Range<Int>, languages: Range<Int>) {
    ttl = settings.ttl
    stale = settings.stale
    bypass = settings.bypass
    live = settings.live
    session = settings.session
    query =
      switch settings.query {
      case .all: .all
      case .none: .none
      case .only: .only
      }
    self.queryNames = queryNames
    self.languages = languages
    errorTTL = settings.errorTTL
    heuristic = settings.heuristic
    obeysRequests = settings.obeysRequests
    ignores = settings.ignores
    codings = settings.codings
    range = settings.range
    sliceBytes = settings.sliceBytes
    requestFields = settings.requestFields
  }
}
