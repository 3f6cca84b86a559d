internal import Bytes
internal import Wire

/// The Age of arriving answers: RFC 9111 section 4.2.3.
enum Age {
  /// The corrected age value: what Age says plus how long the answer took.
  ///
  /// The apparent age (our clock less Date) is left out, as the section allows where every cache
  /// on the way writes Age: an origin whose clock is three seconds slow would otherwise never have
  /// a live playlist of two seconds cached.
  static func initial(
    of fields: borrowing HeadFields, bytes: Span<UInt8>, delay: Milliseconds
  ) -> Milliseconds {
    let stated = Int64(AgeField.seconds(of: fields, in: bytes) ?? 0)
    return Milliseconds(stated * 1000 + min(max(0, delay.count), PolicyLimits.deltaSecondsMax))
  }
}
