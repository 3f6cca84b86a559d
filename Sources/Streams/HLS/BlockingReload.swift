internal import Bytes
internal import Wire

/// What a player asks of a playlist to come: the delivery directives of its query.
///
/// Other arguments are none of its business, unknown ones that begin with `_HLS_` included.
///
/// - Source: RFC 8216bis §6.2.5 (delivery directives).
public struct BlockingReload: Equatable, Sendable {
  /// Directives that must be answered with 400.
  public enum Fault: Error, Equatable, Sendable {
    /// `_HLS_part` without `_HLS_msn`.
    case partAlone
    /// A value that is no number.
    case badNumber
    /// A directive that is there twice.
    case repeated
    /// A query longer than any request line.
    case tooLong
  }

  /// What is done with a request now.
  public enum Verdict: Equatable, Sendable {
    /// The playlist has what was asked for: it is the answer.
    case answer
    /// The answer waits for a later playlist.
    case wait
    /// 400: so much later that the player must be wrong.
    case tooFarAhead
    /// The directives mean nothing to this playlist: it is the answer as it is.
    case ignore
  }

  /// `_HLS_msn`: the media sequence number that the playlist must have.
  public var msn: UInt64?
  /// `_HLS_part`: the part of it that the playlist must have; only with `msn`.
  public var part: UInt64?
  /// `_HLS_skip`: what may be left out; `nil` as well for a value that nobody defined.
  public var skip: DeltaUpdate.Skip?

  /// A request for the playlist as it is.
  public init() {}

  /// Reads the directives of a query.
  ///
  /// - Parameter query: The query without its question mark; names may be percent-encoded.
  /// - Returns: The directives; none in most queries.
  /// - Throws: `Fault` for what must be answered with 400.
  public static func read(_ query: Span<UInt8>) throws(Fault) -> BlockingReload {
    guard query.count <= WireLimits.requestLineMax else { throw .tooLong }
    var reload = BlockingReload()
    var hasSkip = false
    var arguments = Arguments(query.wholeRange)
    while let argument = arguments.next(in: query) {
      guard let directive = Directive(query.slice(argument.name)) else { continue }
      let value = query.slice(argument.value)
      switch directive {
      case .msn: try set(&reload.msn, to: value)
      case .part: try set(&reload.part, to: value)
      case .skip:
        if hasSkip { throw .repeated }
        hasSkip = true
        if value.equals("YES") { reload.skip = .yes }
        if value.equals("v2") { reload.skip = .v2 }
      }
    }
    if reload.part != nil, reload.msn == nil { throw .partAlone }
    return reload
  }

  private static func set(_ number: inout UInt64?, to value: Span<UInt8>) throws(Fault) {
    guard number == nil else { throw .repeated }
    guard let stated = value.decimal else { throw .badNumber }
    number = stated
  }

  /// The query that a full playlist is asked of the origin and kept under: other arguments in their
  /// order, then `_HLS_msn` and `_HLS_part`.
  ///
  /// Without `_HLS_skip`: delta updates are made from the full playlist.
  ///
  /// - Parameter query: The query that the directives were read from, or one with other directives
  ///   in their place.
  /// - Returns: The query without a question mark; empty for none.
  public func canonical(_ query: Span<UInt8>) -> [UInt8] {
    var canonical: [UInt8] = []
    var arguments = Arguments(query.wholeRange)
    while let argument = arguments.next(in: query) {
      guard Directive(query.slice(argument.name)) == nil else { continue }
      if !canonical.isEmpty { canonical.append(UInt8(ascii: "&")) }
      canonical.append(query.slice(argument.whole))
    }
    guard let msn else { return canonical }
    if !canonical.isEmpty { canonical.append(UInt8(ascii: "&")) }
    canonical.append(text: "_HLS_msn=\(msn)")
    if let part { canonical.append(text: "&_HLS_part=\(part)") }
    return canonical
  }

  /// The same request in the numbers of another origin.
  ///
  /// - Parameter offset: What is added to the media sequence number.
  /// - Returns: `nil` where that is no number.
  public func shifted(by offset: Int64) -> BlockingReload? {
    guard let msn else { return self }
    guard let number = SegmentNumbers.shift(msn, by: offset) else { return nil }
    var shifted = self
    shifted.msn = number
    return shifted
  }
}

/// The directives that this program knows.
private enum Directive {
  case msn
  case part
  case skip

  init?(_ name: Span<UInt8>) {
    if name.percentDecodedEquals("_HLS_msn") {
      self = .msn
    } else if name.percentDecodedEquals("_HLS_part") {
      self = .part
    } else if name.percentDecodedEquals("_HLS_skip") {
      self = .skip
    } else {
      return nil
    }
  }
}
