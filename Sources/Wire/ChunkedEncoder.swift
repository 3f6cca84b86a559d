/// Puts the chunked coding on a body: a size line before each piece, CRLF behind it, an end.
public enum ChunkedEncoder {
  /// The longest size line in bytes: sixteen digits and CRLF.
  public static let sizeLineMax = 18

  /// What follows each chunk's bytes.
  public static let chunkEnd: StaticString = "\r\n"

  /// What ends the body; no trailers are ever sent.
  public static let bodyEnd: StaticString = "0\r\n\r\n"

  /// Writes the line that announces a chunk of `count` bytes.
  ///
  /// - Precondition: `count` is above zero: an empty chunk would end the body.
  @inline(__always)
  public static func writeSizeLine(_ count: Int, to writer: inout HeadWriter) {
    precondition(count > 0)
    writer.append(hexadecimal: UInt64(count))
    writer.append("\r\n")
  }
}
