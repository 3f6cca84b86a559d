internal import Wire

/// Makes the absolute URLs that an origin writes lead through the edge: they become paths of it.
///
/// Otherwise players ask the origin itself for all that a playlist, a manifest or a redirect names
/// by an absolute URL.
///
/// - Source: streams rules, section 7.
public struct OriginURLs: Equatable, Sendable {
  /// What became of a playlist or manifest.
  public enum Outcome: Equatable, Sendable {
    /// None of its URLs leads past the edge.
    case unchanged
    /// Its URLs are paths now.
    case rewritten([UInt8])
    /// It cannot be read, or would say something else: it is sent as it is.
    case refused
  }

  /// The hosts of the origin, in lower case, each with its port where it is not the scheme's own.
  public var authorities: [[UInt8]]
  /// What the origin's paths have in front of the edge's: empty, or `/path` without a slash at its
  /// end.
  public var pathPrefix: [UInt8]

  /// The URLs of an origin.
  ///
  /// - Parameters:
  ///   - authorities: Hosts in lower case with their ports.
  ///   - pathPrefix: Empty, or `/path` without a slash at its end.
  public init(authorities: [[UInt8]], pathPrefix: [UInt8] = []) {
    self.authorities = authorities
    self.pathPrefix = pathPrefix
  }

  /// Rewrites an HLS playlist of either kind or a DASH manifest; the bytes tell which one it is.
  ///
  /// What comes out is read again, and has to say the same but for its URLs.
  ///
  /// - Parameter body: The playlist or manifest, unencoded and in one piece.
  /// - Returns: What became of it.
  public func rewriting(_ body: Span<UInt8>) -> Outcome {
    var lines = PlaylistLines()
    guard lines.begin(body) else { return rewritingManifest(body) }
    let rewritten = playlists.rewrite(body)
    if body.equals(rewritten.span) { return .unchanged }
    return Self.saysTheSame(body, rewritten.span) ? .rewritten(rewritten) : .refused
  }

  /// The path of the edge for a URL of the origin, as a redirect names it.
  ///
  /// - Parameter url: The value of Location.
  /// - Returns: `nil` for a URL that stays as it is.
  public func path(of url: Span<UInt8>) -> [UInt8]? { playlists.path(of: url, isWhole: true) }

  private var playlists: URIRewrite {
    URIRewrite(authorities: authorities, pathPrefix: pathPrefix)
  }

  private func rewritingManifest(_ body: Span<UInt8>) -> Outcome {
    let servers = authorities.map { ManifestServer(authority: $0, pathPrefix: pathPrefix) }
    guard let text = ManifestText.read(body),
      let rewritten = text.rewriting(ManifestURLs(servers: servers, pathPrefix: pathPrefix))
    else { return .refused }
    if body.equals(rewritten.span) { return .unchanged }
    guard let again = ManifestText.read(rewritten.span),
      again.elements.map(\.kind) == text.elements.map(\.kind)
    else { return .refused }
    return .rewritten(rewritten)
  }

  /// Whether two playlists differ in URIs only.
  private static func saysTheSame(_ one: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
    if let before = MediaPlaylist.read(one) {
      guard let after = MediaPlaylist.read(other) else { return false }
      return before.lastSequence == after.lastSequence
        && before.segments.map(\.duration) == after.segments.map(\.duration)
        && before.parts.map(\.duration) == after.parts.map(\.duration)
        && before.hasEndlist == after.hasEndlist
    }
    guard let before = MultivariantPlaylist.read(one),
      let after = MultivariantPlaylist.read(other)
    else { return false }
    return before.variants.map(\.bandwidth) == after.variants.map(\.bandwidth)
      && before.media.map(\.name) == after.media.map(\.name)
  }
}
