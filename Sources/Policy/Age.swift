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
    let stated = fields.first(.age).map { seconds(bytes.slice($0)) } ?? 0
    return Milliseconds(stated * 1000 + min(max(0, delay.count), PolicyLimits.deltaSecondsMax))
  }

  /// The seconds of an Age field.
  ///
  /// Of several lines or members the first counts; one that is no number is ignored; one too
  /// large counts as 2^31 (RFC 9111 sections 1.2.2 and 5.1).
  private static func seconds(_ value: Span<UInt8>) -> Int64 {
    var list = TokenList(value.wholeRange)
    guard let first = list.next(in: value) else { return 0 }
    let text = value.slice(first)
    for index in text.indices where !text[index].isDigit { return 0 }
    guard let seconds = text.decimal else { return PolicyLimits.deltaSecondsMax }
    return Int64(min(seconds, UInt64(PolicyLimits.deltaSecondsMax)))
  }
}
