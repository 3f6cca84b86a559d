public import Bytes
internal import Streams
internal import Wire

/// Why a request has no cache key; it is passed on.
public enum CacheKeyError: Error, Equatable, Sendable {
  /// The text would be longer than `PolicyLimits.cacheKeyBytesMax`.
  case tooLong
  /// The query has more than `PolicyLimits.queryArgumentsMax` arguments.
  case tooManyArguments
}

/// The name under which an answer is kept: its text's place in a scratch, and its hash.
///
/// The text is `site|/path?query`, or `site|host/path?query` where the origin is asked for the
/// viewer's host. It is unambiguous: no site name holds `|`, no host holds `/`, every path begins
/// with one. What follows the host is exactly the request target of the Fill, so that an origin
/// never sees an argument that the key leaves out: nothing outside the key can colour the answer.
///
/// The path stays as sent. Normalising percent-encodings would be allowed for unreserved
/// characters (RFC 3986 section 6.2.2.2), but the origin would then see another path than the
/// viewer sent, or two paths that it tells apart would share an answer. A key too many costs a
/// miss; a key too few is a wrong answer. No packager or player writes such paths.
public struct CacheKey: Sendable, Equatable {
  /// The hash of the text.
  public let hash: Hash128
  /// Where the request target of a Fill begins in the text; it goes on to the text's end.
  public let targetStart: Int

  /// Writes the key's text over `scratch` and hashes it.
  ///
  /// - Parameters:
  ///   - snapshot: The configuration that the request is judged with.
  ///   - site: The index of the site.
  ///   - rule: The rule that matched, `Rule.none` if none did.
  ///   - host: The viewer's Host, used only where the site's origin is asked for it.
  ///   - path: The path as sent; an empty one (absolute target without path) means `/`.
  ///   - query: The query without `?`; empty if there is none.
  ///   - hasQuery: Whether the target has a `?`.
  ///   - scratch: The worker's; its capacity is kept, so that a warm one allocates nothing.
  /// - Returns: The key; its text is what `scratch` holds.
  /// - Throws: Why there is none; the request passes.
  public static func make(
    snapshot: Snapshot, site: Int, rule: Rule, host: Span<UInt8>, path: Span<UInt8>,
    query: Span<UInt8>, hasQuery: Bool, into scratch: inout [UInt8]
  ) throws(CacheKeyError) -> CacheKey {
    let bound = PolicyLimits.hostBytesMax + 3 + host.count + path.count + query.count
    guard bound <= PolicyLimits.cacheKeyBytesMax else { throw .tooLong }
    let start = begin(snapshot: snapshot, site: site, host: host, in: &scratch)
    return try make(
      snapshot: snapshot, rule: rule, path: path, query: query, hasQuery: hasQuery,
      after: start, in: &scratch)
  }

  /// Writes what every key of a site and host begins with over `scratch`.
  ///
  /// - Returns: Where the request target is to begin.
  public static func begin(
    snapshot: Snapshot, site: Int, host: Span<UInt8>, in scratch: inout [UInt8]
  ) -> Int {
    scratch.removeAll(keepingCapacity: true)
    snapshot.appendSiteName(site, to: &scratch)
    scratch.append(UInt8(ascii: "|"))
    if snapshot.site(site).hostInKey { scratch.append(lowercasing: host) }
    return scratch.count
  }

  /// Writes the key's text behind what the last key of the same site and host began with.
  ///
  /// A connection asks one host again and again: its part of the key, `targetStart` bytes, is
  /// written once.
  /// - Parameters:
  ///   - snapshot: The configuration that the request is judged with.
  ///   - rule: The rule that matched.
  ///   - path: The path as sent.
  ///   - query: The query without `?`.
  ///   - hasQuery: Whether the target has a `?`.
  ///   - targetStart: Where the request target begins in `scratch`; what is there is replaced.
  ///   - scratch: The worker's, with the last key in it.
  /// - Returns: The key; its text is what `scratch` holds.
  /// - Throws: Why there is none; the request passes.
  public static func make(
    snapshot: Snapshot, rule: Rule, path: Span<UInt8>, query: Span<UInt8>, hasQuery: Bool,
    after targetStart: Int, in scratch: inout [UInt8]
  ) throws(CacheKeyError) -> CacheKey {
    let bound = targetStart + 3 + path.count + query.count
    guard bound <= PolicyLimits.cacheKeyBytesMax else { throw .tooLong }
    scratch.removeLast(scratch.count - targetStart)
    if path.isEmpty { scratch.append(UInt8(ascii: "/")) } else { scratch.append(copying: path) }
    if hasQuery { try append(query, rule: rule, snapshot: snapshot, to: &scratch) }
    return CacheKey(hash: Hash128(of: scratch.span), targetStart: targetStart)
  }

  /// The key with another query behind its path.
  ///
  /// - Parameters:
  ///   - query: The query without `?`; empty for none.
  ///   - scratch: This key's text, which becomes the other's.
  /// - Returns: The other key.
  public func with(query: [UInt8], in scratch: inout [UInt8]) -> CacheKey {
    let question = scratch[targetStart...].firstIndex(of: UInt8(ascii: "?"))
    scratch.removeLast(scratch.count - (question ?? scratch.count))
    if !query.isEmpty {
      scratch.append(UInt8(ascii: "?"))
      scratch += query
    }
    return CacheKey(hash: Hash128(of: scratch.span), targetStart: targetStart)
  }

  /// Appends what of `query` is in the key, with its `?`.
  private static func append(
    _ query: Span<UInt8>, rule: Rule, snapshot: Snapshot, to scratch: inout [UInt8]
  ) throws(CacheKeyError) {
    if rule.query == .all, try !hasCMCD(query) {
      // As sent, empty or not: "/a?" and "/a" are different URLs.
      scratch.append(UInt8(ascii: "?"))
      scratch.append(copying: query)
      return
    }
    guard try count(query) > 0 else { return }
    var separator = UInt8(ascii: "?")
    for index in rule.queryNames {
      var arguments = Arguments(query.wholeRange)
      while let argument = arguments.next(in: query) {
        guard snapshot.queryName(index, equals: query.slice(argument.name)) else { continue }
        add(query.slice(argument.whole), to: &scratch, after: &separator)
      }
    }
    var arguments = Arguments(query.wholeRange)
    while let argument = arguments.next(in: query) {
      if isKept(query.slice(argument.name), rule: rule, snapshot: snapshot) {
        add(query.slice(argument.whole), to: &scratch, after: &separator)
      }
    }
  }

  /// Whether an argument is CTA-5004's, which tells one player's state.
  private static func hasCMCD(_ query: Span<UInt8>) throws(CacheKeyError) -> Bool {
    var arguments = Arguments(query.wholeRange)
    var count = 0
    while let argument = arguments.next(in: query) {
      count += 1
      guard count <= PolicyLimits.queryArgumentsMax else { throw .tooManyArguments }
      if isCMCD(query.slice(argument.name)) { return true }
    }
    return false
  }

  /// How many arguments there are: bounded, because `query = [...]` costs arguments times names.
  private static func count(_ query: Span<UInt8>) throws(CacheKeyError) -> Int {
    var arguments = Arguments(query.wholeRange)
    var count = 0
    while arguments.next(in: query) != nil { count += 1 }
    guard count <= PolicyLimits.queryArgumentsMax else { throw .tooManyArguments }
    return count
  }

  /// Whether an argument stays where it stands; those that the rule names were written before.
  private static func isKept(_ name: Span<UInt8>, rule: Rule, snapshot: Snapshot) -> Bool {
    // Reserved by HLS (rfc8216bis section 6.2.5): such an argument asks for another playlist. The
    // mark of an epoch tells equal names of two servers apart.
    let isReserved = name.hasPrefix("_HLS_") || EpochMark.isName(name)
    switch rule.query {
    case .all: return !isCMCD(name)
    case .none: return isReserved
    case .only:
      guard isReserved else { return false }
      for index in rule.queryNames where snapshot.queryName(index, equals: name) { return false }
      return true
    }
  }

  private static func isCMCD(_ name: Span<UInt8>) -> Bool { name.percentDecodedEquals("CMCD") }

  private static func add(
    _ argument: Span<UInt8>, to scratch: inout [UInt8], after separator: inout UInt8
  ) {
    scratch.append(separator)
    scratch.append(copying: argument)
    separator = UInt8(ascii: "&")
  }
}
