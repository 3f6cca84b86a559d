/// Recognising field names by a handful of 8-byte words.
///
/// A name is told by its length, its first and its last eight bytes, which are all of it up to 16
/// bytes; the few longer names are then compared as text. `FieldNameTests` holds this table and
/// `FieldName.texts` together.
extension FieldName {
  /// Recognises the name in `name`, whatever the case of its letters.
  public init(_ name: Span<UInt8>) {
    guard name.count > 0, name.allTokenCharacters else {
      self = .other
      return
    }
    self = FieldName.recognise(name, from: 0, count: name.count)
  }

  /// Recognises the name of `count` bytes at `start`, all of them token characters.
  ///
  /// - Precondition: they lie within `bytes` and are at least one.
  @inline(__always)
  static func recognise(
    _ bytes: Span<UInt8>, from start: Int, count: Int
  ) -> FieldName {
    if count < 8 { return ofShort(bytes.lowerWord(at: start, count: count), count: count) }
    let first = bytes.lowerWord(at: start, count: 8)
    let last = bytes.lowerWord(at: start &+ count &- 8, count: 8)
    if count <= 13 { return ofMedium(first, last, count: count) }
    if count <= 16 { return ofLong(first, last, count: count) }
    let token = ofLongest(first, last, count: count)
    guard token != .other else { return .other }
    return bytes.extracting(start..<start &+ count).equalsLowered(token.text) ? token : .other
  }

  @inline(__always)
  private static func ofShort(_ first: UInt64, count: Int) -> FieldName {
    switch count {
    case 2:
      switch first {
      case 0x0000_0000_0000_6574: return .te
      default: return .other
      }
    case 3:
      switch first {
      case 0x0000_0000_0065_6761: return .age
      case 0x0000_0000_0061_6976: return .via
      default: return .other
      }
    case 4:
      switch first {
      case 0x0000_0000_7473_6F68: return .host
      case 0x0000_0000_6574_6164: return .date
      case 0x0000_0000_6761_7465: return .etag
      case 0x0000_0000_7972_6176: return .vary
      case 0x0000_0000_6B6E_696C: return .link
      default: return .other
      }
    case 5:
      switch first {
      case 0x0000_0065_676E_6172: return .range
      case 0x0000_0077_6F6C_6C61: return .allow
      default: return .other
      }
    case 6:
      switch first {
      case 0x0000_616D_6761_7270: return .pragma
      case 0x0000_6569_6B6F_6F63: return .cookie
      case 0x0000_7463_6570_7865: return .expect
      case 0x0000_7470_6563_6361: return .accept
      case 0x0000_6E69_6769_726F: return .origin
      case 0x0000_7265_7672_6573: return .server
      default: return .other
      }
    case 7:
      switch first {
      case 0x0072_656C_6961_7274: return .trailer
      case 0x0065_6461_7267_7075: return .upgrade
      case 0x0073_6572_6970_7865: return .expires
      case 0x0067_6E69_6E72_6177: return .warning
      case 0x0072_6572_6566_6572: return .referer
      default: return .other
      }
    default: break
    }
    return .other
  }

  @inline(__always)
  private static func ofMedium(_ first: UInt64, _ last: UInt64, count: Int) -> FieldName {
    switch count {
    case 8:
      if first == 0x6E6F_6974_6163_6F6C, last == 0x6E6F_6974_6163_6F6C { return .location }
      if first == 0x706F_6F6C_2D6E_6463, last == 0x706F_6F6C_2D6E_6463 { return .cdnLoop }
      if first == 0x6567_6E61_722D_6669, last == 0x6567_6E61_722D_6669 { return .ifRange }
      if first == 0x6863_7461_6D2D_6669, last == 0x6863_7461_6D2D_6669 { return .ifMatch }
      if first == 0x7974_6972_6F69_7270, last == 0x7974_6972_6F69_7270 { return .priority }
    case 9:
      if first == 0x6174_2D65_6863_6163, last == 0x6761_742D_6568_6361 { return .cacheTag }
      if first == 0x6564_7261_7772_6F66, last == 0x6465_6472_6177_726F { return .forwarded }
    case 10:
      if first == 0x6974_6365_6E6E_6F63, last == 0x6E6F_6974_6365_6E6E { return .connection }
      if first == 0x696C_612D_7065_656B, last == 0x6576_696C_612D_7065 { return .keepAlive }
      if first == 0x6B6F_6F63_2D74_6573, last == 0x6569_6B6F_6F63_2D74 { return .setCookie }
      if first == 0x6567_612D_7265_7375, last == 0x746E_6567_612D_7265 { return .userAgent }
      if first == 0x6174_7365_6361_7274, last == 0x6574_6174_7365_6361 { return .tracestate }
    case 11:
      if first == 0x6661_2D79_7274_6572, last == 0x7265_7466_612D_7972 { return .retryAfter }
      if first == 0x6A62_6F2D_6463_6D63, last == 0x7463_656A_626F_2D64 { return .cmcdObject }
      if first == 0x6174_732D_6463_6D63, last == 0x7375_7461_7473_2D64 { return .cmcdStatus }
      if first == 0x6174_732D_6473_6D63, last == 0x6369_7461_7473_2D64 { return .cmsdStatic }
      if first == 0x7261_7065_6361_7274, last == 0x746E_6572_6170_6563 { return .traceparent }
    case 12:
      if first == 0x2D74_6E65_746E_6F63, last == 0x6570_7974_2D74_6E65 { return .contentType }
      if first == 0x7473_2D65_6863_6163, last == 0x7375_7461_7473_2D65 { return .cacheStatus }
      if first == 0x7165_722D_6463_6D63, last == 0x7473_6575_7165_722D { return .cmcdRequest }
      if first == 0x7365_732D_6463_6D63, last == 0x6E6F_6973_7365_732D { return .cmcdSession }
      if first == 0x6E79_642D_6473_6D63, last == 0x6369_6D61_6E79_642D { return .cmsdDynamic }
    case 13:
      if first == 0x2D74_6E65_746E_6F63, last == 0x6567_6E61_722D_746E { return .contentRange }
      if first == 0x646F_6D2D_7473_616C, last == 0x6465_6966_6964_6F6D { return .lastModified }
      if first == 0x6F63_2D65_6863_6163, last == 0x6C6F_7274_6E6F_632D { return .cacheControl }
      if first == 0x7461_676F_7272_7573, last == 0x7965_6B2D_6574_6167 { return .surrogateKey }
      if first == 0x7A69_726F_6874_7561, last == 0x6E6F_6974_617A_6972 { return .authorization }
      if first == 0x2D65_6E6F_6E2D_6669, last == 0x6863_7461_6D2D_656E { return .ifNoneMatch }
      if first == 0x722D_7470_6563_6361, last == 0x7365_676E_6172_2D74 { return .acceptRanges }
    default: break
    }
    return .other
  }

  @inline(__always)
  private static func ofLong(_ first: UInt64, _ last: UInt64, count: Int) -> FieldName {
    switch count {
    case 14:
      if first == 0x2D74_6E65_746E_6F63, last == 0x6874_676E_656C_2D74 { return .contentLength }
    case 15:
      if first == 0x652D_7470_6563_6361, last == 0x676E_6964_6F63_6E65 { return .acceptEncoding }
      if first == 0x6C2D_7470_6563_6361, last == 0x6567_6175_676E_616C { return .acceptLanguage }
      if first == 0x7261_7772_6F66_2D78, last == 0x726F_662D_6465_6472 { return .xForwardedFor }
    case 16:
      if first == 0x6F63_2D79_786F_7270, last == 0x6E6F_6974_6365_6E6E { return .proxyConnection }
      if first == 0x2D74_6E65_746E_6F63, last == 0x676E_6964_6F63_6E65 { return .contentEncoding }
      if first == 0x2D74_6E65_746E_6F63, last == 0x6E6F_6974_6163_6F6C { return .contentLocation }
      if first == 0x2D74_6E65_746E_6F63, last == 0x6567_6175_676E_616C { return .contentLanguage }
      if first == 0x6874_7561_2D77_7777, last == 0x6574_6163_6974_6E65 { return .wwwAuthenticate }
      if first == 0x7261_7772_6F66_2D78, last == 0x7473_6F68_2D64_6564 { return .xForwardedHost }
      if first == 0x7261_7772_6F66_2D78, last == 0x7472_6F70_2D64_6564 { return .xForwardedPort }
    default: break
    }
    return .other
  }

  @inline(__always)
  private static func ofLongest(_ first: UInt64, _ last: UInt64, count: Int) -> FieldName {
    switch count {
    case 17:
      if first == 0x7265_6673_6E61_7274, last == 0x676E_6964_6F63_6E65 { return .transferEncoding }
      if first == 0x6863_6163_2D6E_6463, last == 0x6C6F_7274_6E6F_632D { return .cdnCacheControl }
      if first == 0x7461_676F_7272_7573, last == 0x6C6F_7274_6E6F_632D { return .surrogateControl }
      if first == 0x6669_646F_6D2D_6669, last == 0x6563_6E69_732D_6465 { return .ifModifiedSince }
      if first == 0x7261_7772_6F66_2D78, last == 0x6F74_6F72_702D_6465 { return .xForwardedProto }
    case 18:
      if first == 0x7561_2D79_786F_7270, last == 0x6574_6163_6974_6E65 { return .proxyAuthenticate }
    case 19:
      if first == 0x7561_2D79_786F_7270, last == 0x6E6F_6974_617A_6972 {
        return .proxyAuthorization
      }
      if first == 0x2D74_6E65_746E_6F63, last == 0x6E6F_6974_6973_6F70 {
        return .contentDisposition
      }
      if first == 0x646F_6D6E_752D_6669, last == 0x6563_6E69_732D_6465 { return .ifUnmodifiedSince }
      if first == 0x612D_676E_696D_6974, last == 0x6E69_6769_726F_2D77 { return .timingAllowOrigin }
    case 22:
      if first == 0x632D_7373_6563_6361, last == 0x6567_612D_7861_6D2D {
        return .accessControlMaxAge
      }
      if first == 0x7961_776C_6C69_7073, last == 0x6C6F_7274_6E6F_632D {
        return .spillwayCacheControl
      }
    case 25:
      if first == 0x742D_7463_6972_7473, last == 0x7974_6972_7563_6573 {
        return .strictTransportSecurity
      }
      if first == 0x7561_2D79_786F_7270, last == 0x6F66_6E69_2D6E_6F69 {
        return .proxyAuthenticationInfo
      }
    default: return ofAccessControl(first, last, count: count)
    }
    return .other
  }

  /// The names of 27 bytes and more: all begin with Access-Control.
  @inline(__always)
  private static func ofAccessControl(
    _ first: UInt64, _ last: UInt64, count: Int
  ) -> FieldName {
    switch count {
    case 27:
      if first == 0x632D_7373_6563_6361, last == 0x6E69_6769_726F_2D77 {
        return .accessControlAllowOrigin
      }
    case 28:
      if first == 0x632D_7373_6563_6361, last == 0x7364_6F68_7465_6D2D {
        return .accessControlAllowMethods
      }
      if first == 0x632D_7373_6563_6361, last == 0x7372_6564_6165_682D {
        return .accessControlAllowHeaders
      }
    case 29:
      if first == 0x632D_7373_6563_6361, last == 0x7372_6564_6165_682D {
        return .accessControlExposeHeaders
      }
      if first == 0x632D_7373_6563_6361, last == 0x646F_6874_656D_2D74 {
        return .accessControlRequestMethod
      }
    case 30:
      if first == 0x632D_7373_6563_6361, last == 0x7372_6564_6165_682D {
        return .accessControlRequestHeaders
      }
    case 32:
      if first == 0x632D_7373_6563_6361, last == 0x736C_6169_746E_6564 {
        return .accessControlAllowCredentials
      }
    default: break
    }
    return .other
  }

}
