public import Bytes

/// What the access log says about one request: numbers, and texts cut to fixed lengths.
///
/// A record lives in a slot of its worker's `AccessRing` and is written there field by field; it is
/// never copied. `reset` is called before a slot is lent, so only what differs has to be set.
public struct AccessRecord: ~Copyable, Sendable {
  /// How the response ended.
  public enum End: UInt8, Sendable {
    /// Every byte was handed to the kernel.
    case complete
    /// The viewer left before.
    case byViewer
    /// The origin broke, and could not be replaced.
    case byOrigin
    /// The edge cut it: a timeout, a lapped reader, a shutdown.
    case byEdge
  }

  /// The protocol of the request.
  public enum Version: UInt8, Sendable {
    /// HTTP/1.0.
    case http10
    /// HTTP/1.1.
    case http11
    /// HTTP/2.
    case http2
    /// No head was understood.
    case unknown
  }

  /// When the request head was complete.
  public var time = WallTime(milliseconds: 0)
  /// The number that names the journey in both logs.
  public var journey: UInt64 = 0
  /// Bytes of the response's body that were handed to the kernel.
  public var bytesSent: UInt64 = 0
  /// From the whole head to the first body byte, in microseconds.
  public var firstByteMicroseconds: UInt64 = 0
  /// From the whole head to the end, in microseconds.
  public var durationMicroseconds: UInt64 = 0
  /// Who asked.
  public var client = ClientAddress.none
  /// The status sent; zero if none was.
  public var status: UInt16 = 0
  /// How the cache had to do with it.
  public var cache = CacheResult.none
  /// How the response ended.
  public var end = End.complete
  /// The protocol of the request.
  public var version = Version.unknown
  /// Why it was answered as it was; `.none` where status and cache result say all.
  public var detail = AccessDetail.none
  /// The method.
  public var method = InlineText<16>()
  /// The host asked for, without port.
  public var host = InlineText<64>()
  /// The path as the viewer wrote it.
  public var path = InlineText<256>()
  /// The query as the viewer wrote it, without the question mark.
  public var query = InlineText<128>()
  /// The Range field.
  public var range = InlineText<48>()
  /// The User-Agent field.
  public var userAgent = InlineText<128>()
  /// The Referer field.
  public var referer = InlineText<64>()
  /// The origin server that was asked last, as `host:port`; empty for a hit.
  public var origin = InlineText<64>()

  /// Makes an empty record.
  public init() {}

  /// Makes every field empty; old text bytes stay behind their counts.
  @inline(__always)
  mutating func reset() {
    time = WallTime(milliseconds: 0)
    journey = 0
    bytesSent = 0
    firstByteMicroseconds = 0
    durationMicroseconds = 0
    client = .none
    status = 0
    cache = .none
    end = .complete
    version = .unknown
    detail = .none
    method.clear()
    host.clear()
    path.clear()
    query.clear()
    range.clear()
    userAgent.clear()
    referer.clear()
    origin.clear()
  }
}
