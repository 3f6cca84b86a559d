public import Bytes

/// What is known about an answer whose origin said nothing about its lifetime.
public struct LifetimeBasis: Equatable, Sendable {
  /// What the object is; a playlist's kind after `refined(by:)`.
  public var kind: ObjectKind
  /// The status of the answer.
  public var status: UInt16
  /// The playlist's own facts, or those of the playlist that named the segment; `nil`: unknown.
  public var playlist: PlaylistFacts?
  /// The manifest's own facts, or those of the manifest that named the segment; `nil`: unknown.
  public var manifest: ManifestFacts?
  /// Time since the playlist was last seen to change; zero when it has just changed.
  public var sinceChange = Milliseconds.zero
  /// Age that the answer came with: time spent in the caches behind us counts.
  public var age = Milliseconds.zero
  /// Random bits that spread the retries after errors.
  public var jitter: UInt64 = 0
  /// The playlist was asked for with `_HLS_msn`: its key names one state, which never changes.
  public var isBlockingReload = false
  /// A token rule guards the object: only then is a key shared at all.
  public var hasTokenRule = false

  /// A basis for `kind` and `status`; the other properties are set as far as they are known.
  public init(kind: ObjectKind, status: UInt16) {
    self.kind = kind
    self.status = status
  }
}

/// How long an answer lives where the origin says nothing: the shipped default policy.
///
/// One row per kind of object; TD is the target duration. The live rows follow RFC 8216bis,
/// appendix B.1, and what players tolerate: none may see a live playlist unchanged for 1.5 TD.
public struct DefaultLifetime: Equatable, Sendable {
  /// How long an answer is served without asking the origin.
  public var fresh: Milliseconds
  /// How long beyond that it is served when the origin fails.
  public var staleOnError: Milliseconds
  /// How long an answer that is an error is served instead of asking again; `fresh` is then zero.
  public var negative: Milliseconds
  /// What `fresh` is cut to where the rule `live = true` overrules the origin; `nil`: no limit.
  public var ceiling: Milliseconds?

  /// Nothing is kept.
  public static let none = DefaultLifetime(fresh: .zero)

  /// Makes a lifetime; what is not stated is zero.
  public init(
    fresh: Milliseconds, staleOnError: Milliseconds = .zero, negative: Milliseconds = .zero,
    ceiling: Milliseconds? = nil
  ) {
    self.fresh = fresh
    self.staleOnError = staleOnError
    self.negative = negative
    self.ceiling = ceiling
  }

  /// The lifetime that the default policy gives.
  public init(of basis: LifetimeBasis) {
    switch basis.status {
    case 200, 203, 206:
      self = DefaultPolicy.success(basis)
    case 404, 410:
      self.init(fresh: .zero, negative: DefaultPolicy.notFound(basis))
    case 500...599:
      self.init(fresh: .zero, negative: DefaultPolicy.serverError(jitter: basis.jitter))
    default:
      self = .none
    }
  }

  /// Whether the rule `live = true` puts this policy in place of the origin's Cache-Control.
  ///
  /// Stock packagers send `no-cache` and `no-store` with live playlists; the rule overrules
  /// these, but never `private` or Set-Cookie, which mark a session's own playlist.
  public static func overrulesOrigin(
    liveRule: Bool, basis: LifetimeBasis, isPrivate: Bool, setsCookie: Bool
  ) -> Bool {
    guard liveRule, !isPrivate, !setsCookie else { return false }
    switch basis.kind {
    case .mediaPlaylist: return basis.playlist?.isLive ?? true
    case .dashManifest: return basis.manifest?.isDynamic ?? true
    case .playlist, .multivariantPlaylist: return true
    case .segment, .initSegment, .key, .text, .image, .other: return false
    }
  }
}
