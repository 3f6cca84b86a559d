internal import Wire

/// Makes the URIs of an HLS playlist lead through the edge, and marks those of one epoch's media.
///
/// Works line by line on media and multivariant playlists alike; all but the URIs stays byte for
/// byte. Absolute URLs of the origin would bypass the edge: they become paths of it. The mark keeps
/// equal names of two runs of an encoder apart.
///
/// Variables (EXT-X-DEFINE) are not replaced: where one holds a query, the mark may come to stand
/// behind a second question mark.
///
/// - Source: RFC 8216bis §4.4; streams rules, sections 3 and 7.
public struct URIRewrite: Equatable, Sendable {
  /// The hosts of the origin, in lower case, each with its port where it is not the scheme's own.
  public var authorities: [[UInt8]]
  /// What the origin's paths have in front of the edge's: empty, or `/path` without a slash at its
  /// end.
  ///
  /// It is removed from the front of absolute paths, `/path/a` without a host included; URLs of the
  /// origin outside it cannot be asked for through the edge and stay as they are. With it a body is
  /// rewritten once only: the prefix may be there twice.
  public var pathPrefix: [UInt8]
  /// The epoch that media is marked with, 1 to 999 999; `nil`, or another number, marks nothing.
  public var epoch: Int?

  /// A rewrite for an origin of these hosts.
  ///
  /// - Parameters:
  ///   - authorities: Hosts in lower case with their ports; without any only the mark is set.
  ///   - pathPrefix: Empty, or `/path` without a slash at its end.
  ///   - epoch: The epoch to mark media with.
  public init(authorities: [[UInt8]] = [], pathPrefix: [UInt8] = [], epoch: Int? = nil) {
    self.authorities = authorities
    self.pathPrefix = pathPrefix
    self.epoch = epoch
  }

  /// The playlist with its URIs rewritten.
  ///
  /// - Parameter body: The playlist, unencoded and in one piece.
  /// - Returns: The same bytes where there is nothing to do, for what is no playlist, and for one
  ///   longer than `StreamsLimits.playlistBytesMax`.
  public func rewrite(_ body: Span<UInt8>) -> [UInt8] {
    var lines = PlaylistLines()
    guard lines.begin(body) else { return body.copied() }
    var output = PlaylistEdit()
    var next = PlaylistURI.none
    while let range = lines.next(in: body) {
      let line = body.extracting(range)
      let front = PlaylistLines.front(of: line)
      guard !front.isEmpty else { continue }
      if front[0] != UInt8(ascii: "#") {
        let uri = line.trimmedRange()
        rewrite(uri, as: next, of: line, at: range.lowerBound, in: body, into: &output)
        next = .none
      } else if front.starts(with: "#EXTINF:") {
        next = .media
      } else if front.starts(with: "#EXT-X-STREAM-INF:") {
        next = .resource
      } else if front.starts(with: "#EXT-X-") {
        rewriteTag(front.from(7), of: line, at: range.lowerBound, in: body, into: &output)
      }
    }
    return output.finish(body)
  }

  /// Takes the mark `_sw=<epoch>` out of a request's query.
  ///
  /// - Parameter query: The query without its question mark.
  /// - Returns: The epoch of the last argument of that name, and the query without it; `nil` where
  ///   there is none, or one that is no epoch: nobody was sent it.
  public static func removingMark(_ query: Span<UInt8>) -> (epoch: Int, rest: [UInt8])? {
    SwitchMark.removed(from: query)
  }

  private func rewriteTag(
    _ tag: Span<UInt8>, of line: Span<UInt8>, at start: Int, in body: Span<UInt8>,
    into output: inout PlaylistEdit
  ) {
    guard let kind = PlaylistURI(ofTag: tag) else { return }
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      guard kind.isNamed(line.extracting(attribute.name)) else { continue }
      rewrite(attribute.value, as: kind, of: line, at: start, in: body, into: &output)
    }
  }

  private func rewrite(
    _ range: Range<Int>, as kind: PlaylistURI, of line: Span<UInt8>, at start: Int,
    in body: Span<UInt8>, into output: inout PlaylistEdit
  ) {
    guard kind != .none, !range.isEmpty else { return }
    let uri = line.extracting(range)
    var rewritten = path(of: uri, isWhole: kind != .variable)
    if kind == .media, let epoch, SwitchMark.epochs.contains(epoch) {
      let current = rewritten ?? uri.copied()
      let marked = SwitchMark.set(epoch, on: current.span)
      // A line that becomes too long for those who read it is worse than one without the mark.
      if let marked, line.count - range.count + marked.count <= StreamsLimits.uriLineBytesMax {
        rewritten = marked
      }
    }
    guard let rewritten else { return }
    output.replace(
      (start + range.lowerBound)..<(start + range.upperBound), with: rewritten, in: body)
  }
}

/// What a URI of a playlist leads to.
enum PlaylistURI {
  case none
  /// Segments, parts and initialization sections: media of this playlist.
  case media
  /// Other playlists, keys and data.
  case resource
  /// Resources of an interstitial.
  case asset
  /// The value of a variable, which may be the front of a URI only.
  case variable

  /// Recognizes a tag by its name behind `#EXT-X-`; `nil` for one whose URIs are left alone.
  init?(ofTag tag: Span<UInt8>) {
    if tag.starts(with: "MAP:") || tag.starts(with: "PART:") || tag.starts(with: "PRELOAD-HINT:") {
      self = .media
    } else if tag.starts(with: "KEY:") || tag.starts(with: "SESSION-KEY:")
      || tag.starts(with: "MEDIA:") || tag.starts(with: "I-FRAME-STREAM-INF:")
      || tag.starts(with: "RENDITION-REPORT:") || tag.starts(with: "SESSION-DATA:")
    {
      self = .resource
    } else if tag.starts(with: "DATERANGE:") {
      self = .asset
    } else if tag.starts(with: "DEFINE:") {
      self = .variable
    } else {
      return nil
    }
  }

  /// Whether an attribute of such a tag holds the URI.
  func isNamed(_ name: Span<UInt8>) -> Bool {
    switch self {
    case .none: false
    case .media, .resource: name.equals("URI")
    case .asset: name.equals("X-ASSET-URI") || name.equals("X-ASSET-LIST")
    case .variable: name.equals("VALUE")
    }
  }
}
