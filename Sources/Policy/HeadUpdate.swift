internal import Bytes
public import Wire

/// What the answer to a HEAD says about the stored answer to a GET.
public enum HeadUpdate: Sendable, Equatable {
  /// It is the same representation: its fields replace the stored ones.
  case updates
  /// It is another one: the stored answer is stale.
  case makesStale
  /// Nothing: not a 200, or another coding of the same resource.
  case saysNothing

  /// Compares the answer to a HEAD with a stored 200: RFC 9111 section 4.3.5.
  ///
  /// - Parameters:
  ///   - head: The HEAD's answer.
  ///   - bytes: The bytes that it was parsed from.
  ///   - stored: What is known about the stored answer; its length is that of the stored bytes.
  ///   - coding: The stored Content-Encoding, empty for none: another coding has another length and
  ///     tag, which says nothing about the stored bytes.
  ///   - now: The present in seconds since 1970.
  /// - Returns: What is to be done.
  public static func compare(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, stored: borrowing StoredFacts,
    coding: Span<UInt8>, now: Int64
  ) -> HeadUpdate {
    guard head.status == 200, stored.status == 200 else { return .saysNothing }
    let ownCoding = head.fields.first(.contentEncoding) ?? .empty
    guard bytes.slice(ownCoding).equalsIgnoringCase(coding) else { return .saysNothing }
    guard StoredField.agrees(head, bytes: bytes, stored: stored, now: now) else {
      return .makesStale
    }
    return .updates
  }
}

extension Freshness {
  /// This freshness once the answer is known to be out of date: it serves where the origin fails,
  /// and for its validators.
  public var expired: Freshness {
    var expired = self
    expired.lifetime = .zero
    expired.staleWhileRevalidate = .zero
    return expired
  }
}
