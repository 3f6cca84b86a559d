/// Content codings that a site tells apart (RFC 9110 section 8.4.1).
public struct CodingSet: OptionSet, Hashable, Sendable {
  /// One bit each.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// `gzip`, RFC 1952.
  public static let gzip = CodingSet(rawValue: 1 << 0)
  /// `br`, RFC 7932.
  public static let brotli = CodingSet(rawValue: 1 << 1)
  /// `zstd`, RFC 8878.
  public static let zstandard = CodingSet(rawValue: 1 << 2)

  /// The coding named `name`, in any case; `nil` where it is none of these.
  public init?(name: Span<UInt8>) {
    if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") {
      self = .gzip
    } else if name.equalsIgnoringCase("br") {
      self = .brotli
    } else if name.equalsIgnoringCase("zstd") {
      self = .zstandard
    } else {
      return nil
    }
  }

  /// The set as an Accept-Encoding value: what a Fill sends and what a variant's key holds.
  ///
  /// `identity` where the set is empty, as a missing field would allow everything.
  public var text: StaticString {
    switch rawValue & 7 {
    case 1: "gzip"
    case 2: "br"
    case 3: "gzip, br"
    case 4: "zstd"
    case 5: "gzip, zstd"
    case 6: "br, zstd"
    case 7: "gzip, br, zstd"
    default: "identity"
    }
  }
}
