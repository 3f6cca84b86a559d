/// Reading single directives.
extension CacheControl {
  /// Reads `name [ "=" ( token / quoted-string ) ]`; what is unknown is passed over.
  mutating func addDirective(_ text: Span<UInt8>) {
    let nameEnd = text.tokenEnd(from: 0)
    let name = text.extracting(0..<nameEnd)
    guard nameEnd < text.count else { return addDirective(name, argument: nil) }
    guard text[nameEnd] == UInt8(ascii: "=") else {
      // Something else behind the name ("max-age 5"): the directive is meant but cannot be read.
      return addDirective(name, argument: .malformed)
    }
    addDirective(name, argument: Argument(text, from: nameEnd &+ 1))
  }

  /// What stands behind the equals sign.
  enum Argument {
    case seconds(UInt32)
    case text
    case malformed

    init(_ text: Span<UInt8>, from start: Int) {
      var inner = start..<text.count
      if start < text.count, text[start] == UInt8(ascii: "\"") {
        guard text.count &- start >= 2, text[text.count &- 1] == UInt8(ascii: "\"") else {
          self = .malformed
          return
        }
        inner = start &+ 1..<text.count &- 1
      } else if start == text.count || text.tokenEnd(from: start) != text.count {
        self = .malformed
        return
      }
      self = Argument.deltaSeconds(text.extracting(inner)).map { .seconds($0) } ?? .text
    }

    /// Digits alone; more than 2^31 counts as 2^31 (RFC 9111 section 1.2.2).
    static func deltaSeconds(_ text: Span<UInt8>) -> UInt32? {
      guard text.count > 0 else { return nil }
      for index in 0..<text.count where !text[index].isDigit { return nil }
      guard let number = text.decimal else { return WireLimits.deltaSecondsMax }
      return UInt32(min(number, UInt64(WireLimits.deltaSecondsMax)))
    }
  }

  private mutating func addDirective(_ name: Span<UInt8>, argument: Argument?) {
    if let flag = CacheControl.plainFlag(name) {
      flags.insert(flag)
    } else if name.equalsIgnoringCase("no-cache") {
      addListed(argument, whole: .noCache, fields: .noCacheFields)
    } else if name.equalsIgnoringCase("private") {
      addListed(argument, whole: .isPrivate, fields: .privateFields)
    } else if name.equalsIgnoringCase("max-age") {
      maxAge = shortened(maxAge, argument)
    } else if name.equalsIgnoringCase("s-maxage") {
      sharedMaxAge = shortened(sharedMaxAge, argument)
    } else if name.equalsIgnoringCase("stale-while-revalidate") {
      staleWhileRevalidate = shortened(staleWhileRevalidate, argument)
    } else if name.equalsIgnoringCase("stale-if-error") {
      staleIfError = shortened(staleIfError, argument)
    } else if name.equalsIgnoringCase("max-stale") {
      maxStale = shortened(maxStale, argument ?? .seconds(.max))
    } else if name.equalsIgnoringCase("min-fresh") {
      lengthenMinFresh(argument)
    }
  }

  /// Directives that need no argument; one that has an argument all the same counts.
  private static func plainFlag(_ name: Span<UInt8>) -> Flags? {
    switch name.count {
    case 6: name.equalsIgnoringCase("public") ? .isPublic : nil
    case 8: name.equalsIgnoringCase("no-store") ? .noStore : nil
    case 9: name.equalsIgnoringCase("immutable") ? .immutable : nil
    case 12: name.equalsIgnoringCase("no-transform") ? .noTransform : nil
    case 14: name.equalsIgnoringCase("only-if-cached") ? .onlyIfCached : nil
    case 15:
      name.equalsIgnoringCase("must-revalidate")
        ? .mustRevalidate : name.equalsIgnoringCase("must-understand") ? .mustUnderstand : nil
    case 16: name.equalsIgnoringCase("proxy-revalidate") ? .proxyRevalidate : nil
    default: nil
    }
  }

  /// With field names the directive is about those fields, otherwise about everything.
  private mutating func addListed(_ argument: Argument?, whole: Flags, fields: Flags) {
    switch argument {
    case .text, .seconds: flags.insert(fields)
    case nil: flags.insert(whole)
    case .malformed: flags.insert([whole, .malformed])
    }
  }

  private mutating func shortened(_ lifetime: UInt32?, _ argument: Argument?) -> UInt32 {
    var seconds: UInt32 = 0
    if case .seconds(let number) = argument { seconds = number } else { flags.insert(.malformed) }
    return min(lifetime ?? .max, seconds)
  }

  private mutating func lengthenMinFresh(_ argument: Argument?) {
    guard case .seconds(let number) = argument else {
      flags.insert(.malformed)
      return
    }
    minFresh = max(minFresh ?? 0, number)
  }
}
