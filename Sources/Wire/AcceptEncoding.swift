/// Which content codings a viewer takes (RFC 9110 section 12.5.3), in thousandths of quality.
///
/// Zero is "not acceptable". The order of the codings is the server's choice where qualities tie.
/// Of a coding that is named twice the first counts.
public struct AcceptEncoding: Equatable, Sendable {
  /// Quality of `gzip` and its old name `x-gzip`.
  public var gzip: UInt16 = 0
  /// Quality of `br`.
  public var brotli: UInt16 = 0
  /// Quality of `zstd`.
  public var zstandard: UInt16 = 0
  /// Quality of sending the bytes as they are.
  public var identity: UInt16 = 1000

  /// Without the field nothing but the bytes as they are is worth sending.
  public init() {}

  /// Reads a value of the field; codings that are not known are passed over.
  public init(_ value: Span<UInt8>) {
    var named = Named()
    named.add(value)
    self.init(named)
  }

  /// Reads all lines of the field together.
  public init(of fields: borrowing HeadFields, in bytes: Span<UInt8>) {
    var named = Named()
    var line = fields.firstIndex(of: .acceptEncoding)
    while let index = line {
      named.add(bytes.slice(fields[index].value))
      line = fields.nextIndex(of: .acceptEncoding, after: index)
    }
    self.init(named)
  }

  /// Which of `codings` are acceptable, whatever their weight.
  public func accepted(among codings: CodingSet) -> CodingSet {
    var accepted = CodingSet()
    if gzip > 0 { accepted.insert(.gzip) }
    if brotli > 0 { accepted.insert(.brotli) }
    if zstandard > 0 { accepted.insert(.zstandard) }
    return accepted.intersection(codings)
  }

  private init(_ named: Named) {
    gzip = named.gzip ?? named.any ?? 0
    brotli = named.brotli ?? named.any ?? 0
    zstandard = named.zstandard ?? named.any ?? 0
    // Acceptable unless it is excluded by name or by "*;q=0".
    identity = named.identity ?? (named.any == 0 ? 0 : 1000)
  }

  /// The qualities that were written; `nil` for what was not named.
  private struct Named {
    var any: UInt16?
    var gzip: UInt16?
    var brotli: UInt16?
    var zstandard: UInt16?
    var identity: UInt16?

    mutating func add(_ value: Span<UInt8>) {
      var list = TokenList(value.wholeRange)
      while let element = list.next(in: value) {
        let item = value.slice(element)
        let end = item.tokenEnd(from: 0)
        let coding = item.extracting(0..<end)
        let quality = Quality.of(item, from: end)
        if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") {
          gzip = gzip ?? quality
        } else if coding.equalsIgnoringCase("br") {
          brotli = brotli ?? quality
        } else if coding.equalsIgnoringCase("zstd") {
          zstandard = zstandard ?? quality
        } else if coding.equals("*") {
          any = any ?? quality
        } else if coding.equalsIgnoringCase("identity") {
          identity = identity ?? quality
        }
      }
    }
  }
}
