public import Wire

/// What conditions and ranges need to know about an answer that is stored or arriving.
public struct StoredFacts: ~Escapable {
  /// Its status.
  public let status: UInt16
  /// Its ETag as sent; empty if there is none.
  public let entityTag: Span<UInt8>
  /// Its Last-Modified.
  public let lastModified: HTTPDate?
  /// Its Date.
  public let date: HTTPDate?
  /// The length of the whole body; `nil` while it grows and no Content-Length told.
  public let length: UInt64?

  /// The facts of one answer; they borrow the tag.
  @_lifetime(copy entityTag)
  public init(
    status: UInt16, entityTag: Span<UInt8>, lastModified: HTTPDate?, date: HTTPDate?,
    length: UInt64?
  ) {
    self.status = status
    self.entityTag = entityTag
    self.lastModified = lastModified
    self.date = date
    self.length = length
  }
}
