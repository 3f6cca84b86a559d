public import Bytes

/// The named maxima of this module: each with its reason and what happens when it is reached.
public enum PolicyLimits {
  /// Bytes in the text of one cache key.
  ///
  /// A request line is at most 8 KiB and a site name 64 bytes, so only a host in the key can push a
  /// key over it. Beyond it the request is passed on, neither looked up nor kept.
  public static let cacheKeyBytesMax = 9 * 1024

  /// Bytes in the `match` of one rule: a state of the matcher is one bit of 128.
  ///
  /// Beyond it the configuration is refused.
  public static let patternBytesMax = 120

  /// Sites in one configuration: beyond it the configuration is refused.
  public static let sitesMax = 4096

  /// Rules of one site: they are tried in order on every request.
  ///
  /// Beyond it the configuration is refused.
  public static let rulesPerSiteMax = 256

  /// Names in `query = [...]` of one rule: each costs one pass over the query of a request.
  ///
  /// Beyond it the configuration is refused.
  public static let queryNamesMax = 32

  /// Arguments of one query that are looked at for a cache key.
  ///
  /// Beyond it the request is passed on: `query = [...]` costs arguments times names.
  public static let queryArgumentsMax = 256

  /// Bytes in the name of a site or an origin: it starts every key text and every log line.
  ///
  /// Beyond it the configuration is refused.
  public static let nameBytesMax = 64

  /// Bytes of what a health probe asks for, as of a request line that servers take everywhere.
  ///
  /// Beyond it the configuration is refused.
  public static let probeTargetBytesMax = 2048

  /// Bytes in the name of a host: RFC 1035 section 2.3.4.
  ///
  /// A longer configured one is refused; a longer asked one belongs to no site but that of `"*"`.
  public static let hostBytesMax = 253

  /// Fields that one `Vary` may name before the answer counts as `Vary: *`: each is hashed per hit.
  public static let varyFieldsMax = 8

  /// Bytes of all names in one stored Vary rule; beyond it the answer counts as `Vary: *`.
  public static let varyBytesMax = 128

  /// Bytes of one request field's value that may choose a variant.
  ///
  /// A request with a longer one is passed on: it would fill the table with variants of its own.
  public static let selectingFieldBytesMax = 1024

  /// Vary rules that one key keeps, each of which may choose the answer.
  ///
  /// The oldest is forgotten, and what it chose is asked for again.
  public static let varyRulesPerKeyMax = 4

  /// Variants that one key keeps.
  ///
  /// Beyond it the one least recently asked for leaves: `Vary: User-Agent` must not eat the table.
  public static let variantsPerKeyMax = 16

  /// The longest freshness and age that are counted, in seconds: 2^31, RFC 9111 section 1.2.2.
  public static let deltaSecondsMax: Int64 = 2_147_483_648

  /// How long a key is remembered as uncacheable, so that its requests do not queue for one Fill.
  public static let uncacheableMemory = Milliseconds.seconds(60)

  /// The same after an error that may not be kept.
  public static let uncacheableErrorMemory = Milliseconds.seconds(1)

  /// The longest freshness of an error answer that states none itself.
  public static let negativeMax = Milliseconds.seconds(5)

  /// The longest lifetime that is guessed from Last-Modified: RFC 9111 section 4.2.2 proposes a
  /// tenth and warns of more than a day.
  public static let heuristicMax = Milliseconds.seconds(86_400)

  /// How long past its freshness an answer is served while its origin is dead, if nothing forbids.
  ///
  /// A day outlasts a night without anybody on duty; after it, an error is more honest.
  public static let staleIfErrorDefault = Milliseconds.seconds(86_400)

  /// `CDN-Loop` entries accepted before the request counts as looping, whoever wrote them.
  public static let loopEntriesMax = 16

  /// Bytes that one `Cache-Status` member can take: what the tail of a response reserves for it.
  public static let cacheStatusBytesMax = 256
}
