/// One field line of a head, as offsets.
public struct Field: Sendable, BitwiseCopyable, Equatable {
  /// Where the name lies.
  public var name: ByteRange
  /// Where the value lies, without white space at its ends; may be empty.
  public var value: ByteRange
  /// The name, where it is known, else `.other`.
  public var token: FieldName
  /// Whether the field belongs to this connection alone and must not be passed on.
  ///
  /// By its name, or because a Connection field names it (RFC 9110 section 7.6.1).
  public var isHopByHop: Bool

  /// Makes a field; hop-by-hop by its name alone.
  @inline(__always)
  public init(name: ByteRange, value: ByteRange, token: FieldName) {
    self.name = name
    self.value = value
    self.token = token
    self.isHopByHop = token.isHopByHop
  }
}
