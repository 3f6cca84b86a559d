/// What one peer may make us parse or remember: every limit of Wire with its reason and its answer.
public enum WireLimits {
  /// The longest request line in bytes, without its line end: longer is refused with 414.
  ///
  /// Signed URLs with CMCD stay under 4 KiB; twice that leaves room (RFC 9112 section 3 asks 8000).
  public static let requestLineMax = 8 * 1024

  /// The longest head in bytes, blank line included: longer is refused with 431.
  ///
  /// Offsets are 16 bits wide and a head is kept whole in the connection's buffer while it is read.
  public static let headMax = 32 * 1024

  /// The most fields of one head: more are refused with 431.
  ///
  /// Browsers send about 20 and origins about 30; the table lives in the worker's scratch.
  public static let fieldsMax = 100

  /// The most empty lines before a request line: more are refused with 400.
  ///
  /// RFC 9112 section 2.2 asks to skip at least one, which old clients send after a body.
  public static let leadingEmptyLinesMax = 4

  /// The longest chunk-size line in bytes, extensions included: longer is refused.
  ///
  /// Nobody sends useful extensions; a peer must not feed bytes for ever without sending a body.
  public static let chunkLineMax = 1024

  /// The longest trailer section in bytes: longer is refused.
  public static let trailersMax = 8 * 1024

  /// The most ranges of one Range field: more make the field ignored, so that the whole is sent.
  ///
  /// Readers of documents ask for a handful; each costs a part's head (RFC 9110 section 17.15).
  public static let rangesMax = 16

  /// The fewest bytes between two parts of one answer: ranges that are closer become one.
  ///
  /// The head of another part costs about this much (RFC 9110 section 15.3.7.2).
  public static let rangesGapMin: UInt64 = 80

  /// Room for one part's delimiter and head without its Content-Type's value.
  ///
  /// Delimiter, names and three numbers of twenty digits are 129 bytes.
  public static let partHeadMax = 160

  /// The most languages of one request: more are forgotten, and its answer should not be shared.
  ///
  /// Browsers list those of their settings, seldom more than six.
  public static let languagesMax = 24

  /// The largest Content-Length and chunk size accepted: sums of them cannot overflow.
  public static let bodyBytesMax: UInt64 = 1 << 60

  /// The largest delta-seconds value; larger ones count as this one (RFC 9111 section 1.2.2).
  public static let deltaSecondsMax: UInt32 = 1 << 31

  /// Members of one structured field, or items of one of its inner lists.
  ///
  /// RFC 9651 section 3.1 asks for 1 024 at least; beyond it the field is ignored.
  public static let structuredMembersMax = 4096

  /// Parameters of one item: RFC 9651 section 3.1.2 asks for 256 at least.
  public static let structuredParametersMax = 1024
}
