/// Which content codings a viewer takes (RFC 9110 section 12.5.3), in thousandths of quality.
///
/// Zero is "not acceptable". The order of the codings is the server's choice where qualities tie.
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

  /// Reads the one value of the field; codings that are not known are passed over.
  public init(_ value: Span<UInt8>) {
    var any: UInt16?
    var named: (gzip: UInt16?, brotli: UInt16?, zstandard: UInt16?, identity: UInt16?)
    named = (nil, nil, nil, nil)
    var list = TokenList(value.wholeRange)
    while let element = list.next(in: value) {
      let item = value.slice(element)
      let end = item.tokenEnd(from: 0)
      let coding = item.extracting(0..<end)
      let quality = Quality.of(item, from: end)
      if coding.equals("*") { any = quality }
      if coding.equalsIgnoringCase("gzip") || coding.equalsIgnoringCase("x-gzip") {
        named.gzip = quality
      }
      if coding.equalsIgnoringCase("br") { named.brotli = quality }
      if coding.equalsIgnoringCase("zstd") { named.zstandard = quality }
      if coding.equalsIgnoringCase("identity") { named.identity = quality }
    }
    gzip = named.gzip ?? any ?? 0
    brotli = named.brotli ?? any ?? 0
    zstandard = named.zstandard ?? any ?? 0
    // Acceptable unless it is excluded by name or by "*;q=0".
    identity = named.identity ?? (any == 0 ? 0 : 1000)
  }
}

/// Weights of RFC 9110 section 12.4.2.
public enum Quality {
  /// The weight behind an element's name in thousandths; 1000 where there is none.
  ///
  /// A malformed weight counts as zero: what was not clearly asked for is not sent.
  ///
  /// - Parameters:
  ///   - item: one list element.
  ///   - start: the end of its name.
  /// - Returns: 0 to 1000.
  public static func of(_ item: Span<UInt8>, from start: Int) -> UInt16 {
    var index = start
    while index < item.count {
      while index < item.count, item[index].isSpace { index &+= 1 }
      guard index < item.count, item[index] == UInt8(ascii: ";") else { return 0 }
      index &+= 1
      while index < item.count, item[index].isSpace { index &+= 1 }
      var end = index
      while end < item.count, item[end] != UInt8(ascii: ";") { end &+= 1 }
      if item.extracting(index..<end).hasPrefixIgnoringCase("q=") {
        let weight = item.trimmed(ByteRange(from: index &+ 2, to: end))
        return thousandths(item.slice(weight)) ?? 0
      }
      index = end
    }
    return 1000
  }

  /// `0`, `0.7`, `1.000`: one digit and up to three decimals, at most one.
  static func thousandths(_ text: Span<UInt8>) -> UInt16? {
    guard text.count >= 1, text.count <= 5,
      text[0] == UInt8(ascii: "0") || text[0] == UInt8(ascii: "1")
    else { return nil }
    var value = UInt16(text[0] &- UInt8(ascii: "0"))
    guard text.count == 1 || text[1] == UInt8(ascii: ".") else { return nil }
    for place in 2..<5 {
      guard place < text.count else {
        value &*= 10
        continue
      }
      guard text[place].isDigit else { return nil }
      value = value &* 10 &+ UInt16(text[place] &- UInt8(ascii: "0"))
    }
    return value <= 1000 ? value : nil
  }
}
