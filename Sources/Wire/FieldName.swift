/// A field name that Spillway knows; every other one is `.other` and is told by its text.
///
/// Raw values are offsets into tables of this module and mean nothing outside the process.
public enum FieldName: UInt8, Sendable, BitwiseCopyable {
  case other = 0
  case host, connection, keepAlive, proxyConnection, te, trailer, transferEncoding, upgrade
  case proxyAuthenticate, proxyAuthenticationInfo, proxyAuthorization, contentLength
  case contentType, contentEncoding
  case contentRange, contentLocation, contentLanguage, contentDisposition, location, date, age
  case expires, lastModified, etag, cacheControl, cdnCacheControl, pragma, vary, via, cacheStatus
  case cdnLoop, warning, retryAfter, surrogateKey, cacheTag, surrogateControl, setCookie, cookie
  case authorization, wwwAuthenticate, range, ifRange, ifNoneMatch, ifModifiedSince, ifMatch
  case ifUnmodifiedSince, expect, accept, acceptEncoding, acceptLanguage, acceptRanges, userAgent
  case referer, origin, forwarded, xForwardedFor, xForwardedProto, xForwardedHost, allow, server
  case link, cmcdRequest, cmcdObject, cmcdStatus, cmcdSession, cmsdStatic, cmsdDynamic
  case accessControlAllowOrigin, accessControlAllowMethods, accessControlAllowHeaders
  case accessControlAllowCredentials, accessControlExposeHeaders, accessControlMaxAge
  case accessControlRequestMethod, accessControlRequestHeaders, timingAllowOrigin
  case strictTransportSecurity, priority, xForwardedPort, traceparent, tracestate
  case spillwayCacheControl

  /// The number of known names, `.other` included.
  public static let count = 83

  /// Whether the field belongs to one connection and is never passed on (RFC 9110 section 7.6.1).
  public var isHopByHop: Bool {
    @inline(__always) get {
      rawValue &- FieldName.connection.rawValue
        <= FieldName.proxyAuthorization.rawValue &- FieldName.connection.rawValue
    }
  }

  /// Whether a Connection field may take this field away.
  ///
  /// Fields that every recipient needs are never connection options, whatever a peer says
  /// (RFC 9110 section 7.6.1 names Cache-Control).
  var mayBeConnectionOption: Bool {
    switch self {
    case .host, .contentLength, .contentType, .contentEncoding, .contentRange, .date, .age,
      .expires, .lastModified, .etag, .cacheControl, .cdnCacheControl, .spillwayCacheControl, .vary,
      .via, .cacheStatus,
      .cdnLoop, .setCookie, .authorization, .range, .ifRange:
      false
    default: true
    }
  }

  /// The name as it is written on the wire; empty for `.other`.
  public var text: StaticString {
    @inline(__always) get { FieldName.texts[Int(rawValue)] }
  }

  /// The wire names in the order of the cases; a test holds them and the recognition together.
  static let texts: [83 of StaticString] = [
    "", "Host", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer",
    "Transfer-Encoding", "Upgrade", "Proxy-Authenticate",
    "Proxy-Authentication-Info", "Proxy-Authorization",
    "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Content-Location",
    "Content-Language", "Content-Disposition", "Location", "Date", "Age", "Expires",
    "Last-Modified", "ETag", "Cache-Control", "CDN-Cache-Control", "Pragma", "Vary", "Via",
    "Cache-Status", "CDN-Loop", "Warning", "Retry-After", "Surrogate-Key", "Cache-Tag",
    "Surrogate-Control", "Set-Cookie", "Cookie", "Authorization", "WWW-Authenticate", "Range",
    "If-Range", "If-None-Match", "If-Modified-Since", "If-Match", "If-Unmodified-Since",
    "Expect", "Accept", "Accept-Encoding", "Accept-Language", "Accept-Ranges", "User-Agent",
    "Referer", "Origin", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
    "Allow", "Server", "Link", "CMCD-Request", "CMCD-Object", "CMCD-Status", "CMCD-Session",
    "CMSD-Static", "CMSD-Dynamic", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers", "Access-Control-Allow-Credentials",
    "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Access-Control-Request-Method",
    "Access-Control-Request-Headers", "Timing-Allow-Origin", "Strict-Transport-Security",
    "Priority", "X-Forwarded-Port", "Traceparent", "Tracestate",
    "Spillway-Cache-Control",
  ]
}
