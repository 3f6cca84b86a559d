public import Wire

/// What of an origin's answer a rule does not heed: `ignore = [...]`.
///
/// Each is a deviation from RFC 9111; the configuration reference says what it breaks.
public struct IgnoredDirectives: OptionSet, Sendable, Equatable {
  /// A bit for each word.
  public let rawValue: UInt8

  /// A set of bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `no-store` is taken as absent.
  public static let noStore = IgnoredDirectives(rawValue: 1 << 0)
  /// `no-cache` is taken as absent.
  public static let noCache = IgnoredDirectives(rawValue: 1 << 1)
  /// `private` is taken as absent.
  public static let isPrivate = IgnoredDirectives(rawValue: 1 << 2)
  /// An answer with Set-Cookie is stored, without the field.
  public static let setCookie = IgnoredDirectives(rawValue: 1 << 3)
  /// All requests get one answer, whatever Vary says.
  public static let vary = IgnoredDirectives(rawValue: 1 << 4)
  /// `must-revalidate`, `proxy-revalidate` and that part of `s-maxage` are taken as absent.
  public static let mustRevalidate = IgnoredDirectives(rawValue: 1 << 5)

  /// The word of the configuration for each.
  public static let words: [(word: String, value: IgnoredDirectives)] = [
    ("no-store", .noStore), ("no-cache", .noCache), ("private", .isPrivate),
    ("set-cookie", .setCookie), ("vary", .vary), ("must-revalidate", .mustRevalidate),
  ]
}

/// The content codings that a rule tells apart: `codings = [...]`.
extension CodingSet {
  /// The word of the configuration, and of Accept-Encoding, for each.
  public static let words: [(word: String, value: CodingSet)] = [
    ("gzip", .gzip), ("br", .brotli), ("zstd", .zstandard),
  ]
}

/// What happens to a Range request for an object that is not stored: `range = "..."`.
public enum RangeHandling: UInt8, Sendable, Equatable {
  /// Streams are fetched whole, everything else by range.
  case auto
  /// The whole object is fetched and the range answered from it.
  case whole
  /// The range goes to the origin, and its answer is kept as a piece.
  case forward
}
