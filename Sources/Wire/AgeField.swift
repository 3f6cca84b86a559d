/// Reading Age (RFC 9111 section 5.1).
public enum AgeField {
  /// The seconds that a head's Age states; `nil` where there is none or it is to be ignored.
  ///
  /// Of several members, on one line or more, the first counts. One that is no whole number without
  /// a sign is ignored; one too large counts as 2^31 (section 1.2.2).
  public static func seconds(
    of fields: borrowing HeadFields, in bytes: Span<UInt8>
  ) -> UInt32? {
    var line = fields.firstIndex(of: .age)
    while let index = line {
      var list = TokenList(fields[index].value)
      if let first = list.next(in: bytes) { return bytes.slice(first).deltaSeconds }
      line = fields.nextIndex(of: .age, after: index)
    }
    return nil
  }
}
