public import Wire

/// Which fields of an answer are kept with it, and which a 304 replaces.
public enum StoredField {
  /// Whether a field of a stored answer belongs to its end-to-end block: RFC 9111 section 3.1.
  ///
  /// Left out is what belongs to the connection, what frames the body, and what every response is
  /// given anew: Content-Length, Content-Range, Age, Via, Cache-Status. Set-Cookie is never kept,
  /// and Spillway-Cache-Control is meant for nobody behind this cache.
  public static func isKept(_ field: Field) -> Bool {
    if field.isHopByHop { return false }
    switch field.token {
    case .contentLength, .contentRange, .age, .via, .cacheStatus, .setCookie,
      .spillwayCacheControl:
      return false
    default: return true
    }
  }

  /// Whether a field of a 304, or of an answer to HEAD, replaces all stored fields of its name:
  /// RFC 9111 section 3.2.
  ///
  /// Beside what is not kept, Content-Encoding stays as it is: it says how to read the stored
  /// bytes, and the section leaves out what their integrity needs.
  public static func isReplaced(by field: Field) -> Bool {
    isKept(field) && field.token != .contentEncoding
  }

  /// Whether the answer to a HEAD is about the stored answer: RFC 9111 section 4.3.5.
  ///
  /// Every validator that it carries has to be the stored one, and so has its Content-Length.
  public static func agrees(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, stored: borrowing StoredFacts, now: Int64
  ) -> Bool {
    guard head.status == stored.status else { return false }
    if let tag = head.fields.first(.etag),
      !EntityTag.weakMatch(bytes.slice(tag), stored.entityTag)
    {
      return false
    }
    if let field = head.fields.first(.lastModified),
      HTTPDate(bytes.slice(field), now: now) != stored.lastModified
    {
      return false
    }
    if let field = head.fields.first(.contentLength), let length = stored.length {
      return bytes.slice(field).decimal == length
    }
    return true
  }

  /// Whether a 304 confirms the stored answer: RFC 9111 section 4.3.3.
  ///
  /// A 304 without a validator confirms what was asked for; one with another's does not: the whole
  /// object is then fetched without a condition.
  public static func confirms(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, stored: borrowing StoredFacts, now: Int64
  ) -> Bool {
    if let tag = head.fields.first(.etag) {
      return EntityTag.weakMatch(bytes.slice(tag), stored.entityTag)
    }
    if let field = head.fields.first(.lastModified), let modified = stored.lastModified {
      return HTTPDate(bytes.slice(field), now: now) == modified
    }
    return true
  }
}
