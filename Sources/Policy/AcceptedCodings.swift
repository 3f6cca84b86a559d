internal import Wire

/// The content codings that a viewer takes, reduced to those that make a variant.
///
/// Browsers write Accept-Encoding in many ways; all of them fall into four groups, so that a key
/// has four variants by coding at most (RFC 9110 section 12.5.3).
struct AcceptedCodings: Equatable {
  var gzip = false
  var brotli = false

  /// Takes no coding.
  static let identity = AcceptedCodings()

  private init() {}

  /// Reads the Accept-Encoding fields; no field means that none was asked for.
  init(_ head: borrowing RequestHead, bytes: Span<UInt8>) {
    var next = head.fields.firstIndex(of: .acceptEncoding)
    while let index = next {
      let accepted = AcceptEncoding(bytes.slice(head.fields[index].value))
      gzip = gzip || accepted.gzip > 0
      brotli = brotli || accepted.brotli > 0
      next = head.fields.nextIndex(of: .acceptEncoding, after: index)
    }
  }

  /// The value as a Fill sends it, and as it stands in a variant's key.
  var text: String {
    switch (gzip, brotli) {
    case (true, true): "gzip, br"
    case (true, false): "gzip"
    case (false, true): "br"
    case (false, false): "identity"
    }
  }
}
