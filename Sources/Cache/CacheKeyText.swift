public import Bytes

/// A cache key with its hash, as the table takes it.
public struct CacheKeyText: Sendable {
  /// The hash of `text`.
  public let hash: Hash128
  /// The key.
  public let text: [UInt8]
  /// Where in `text` the request target begins.
  public let targetStart: Int
  /// The site.
  public let site: Int

  /// Wraps a key.
  public init(hash: Hash128, text: [UInt8], targetStart: Int, site: Int) {
    self.hash = hash
    self.text = text
    self.targetStart = targetStart
    self.site = site
  }
}
