public import Wire

/// What a rule tells apart of what viewers accept: its `codings` and `languages`.
///
/// Browsers write Accept-Encoding and Accept-Language in many ways; a key has only as many variants
/// by them as the site has answers (RFC 9111 section 4.1, RFC 9110 section 12.5).
public struct Negotiation: Sendable, Equatable {
  /// The codings that are told apart.
  public let codings: CodingSet
  /// The languages that there are, in lower case, the default first; without any, all that viewers
  /// ask for are told apart.
  public let languages: [[UInt8]]

  /// What holds without a rule.
  public static let usual = Negotiation(codings: Rule.none.codings, languages: [])

  init(codings: CodingSet, languages: [[UInt8]]) {
    self.codings = codings
    self.languages = languages
  }

  /// Appends the codings that are asked for, as a Fill sends them and a variant's key holds them.
  func appendCodings(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, isIdentityOnly: Bool,
    to output: inout [UInt8]
  ) {
    let accepted =
      isIdentityOnly
      ? [] : AcceptEncoding(of: head.fields, in: bytes).accepted(among: codings)
    output.append(text: accepted.text)
  }

  /// Appends the languages that are asked for, likewise; nothing where none is.
  ///
  /// - Returns: false where there are too many to be compared.
  func appendLanguages(
    _ head: borrowing RequestHead, bytes: Span<UInt8>, to output: inout [UInt8]
  ) -> Bool {
    let accepted = AcceptLanguage(of: head.fields, in: bytes)
    if accepted.isCut { return false }
    if languages.isEmpty {
      accepted.appendText(in: bytes, to: &output)
    } else {
      output.append(contentsOf: languages[accepted.best(of: languages, in: bytes) ?? 0])
    }
    return true
  }
}
