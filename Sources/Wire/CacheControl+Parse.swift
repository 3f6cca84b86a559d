/// Reading single directives.
extension CacheControl {
  /// Counts one directive of `bytes`; what is unknown is passed over (RFC 9111 section 5.2.3).
  mutating func add(_ directive: CacheDirectives.Directive, in bytes: Span<UInt8>) {
    let name = bytes.slice(directive.name)
    let argument = directive.argument
    switch name.count {
    case 6: if name.equalsIgnoringCase("public") { permit(.isPublic, argument) }
    case 7:
      if name.equalsIgnoringCase("max-age") {
        maxAge = first(maxAge, argument, in: bytes)
      } else if name.equalsIgnoringCase("private") {
        addListed(argument, whole: .isPrivate, fields: .privateFields, in: bytes)
      }
    case 8:
      if name.equalsIgnoringCase("s-maxage") {
        sharedMaxAge = first(sharedMaxAge, argument, in: bytes)
      } else if name.equalsIgnoringCase("no-cache") {
        addListed(argument, whole: .noCache, fields: .noCacheFields, in: bytes)
      } else if name.equalsIgnoringCase("no-store") {
        forbid(.noStore, argument)
      }
    case 9:
      if name.equalsIgnoringCase("immutable") {
        permit(.immutable, argument)
      } else if name.equalsIgnoringCase("max-stale") {
        addMaxStale(argument, in: bytes)
      } else if name.equalsIgnoringCase("min-fresh") {
        minFresh = first(minFresh, argument, in: bytes)
      }
    default: addLong(name, argument, in: bytes)
    }
  }

  private mutating func addLong(
    _ name: Span<UInt8>, _ argument: CacheDirectives.Argument, in bytes: Span<UInt8>
  ) {
    switch name.count {
    case 12: if name.equalsIgnoringCase("no-transform") { forbid(.noTransform, argument) }
    case 14:
      if name.equalsIgnoringCase("stale-if-error") {
        staleIfError = first(staleIfError, argument, in: bytes)
      } else if name.equalsIgnoringCase("only-if-cached") {
        forbid(.onlyIfCached, argument)
      }
    case 15:
      if name.equalsIgnoringCase("must-revalidate") {
        forbid(.mustRevalidate, argument)
      } else if name.equalsIgnoringCase("must-understand") {
        permit(.mustUnderstand, argument)
      }
    case 16: if name.equalsIgnoringCase("proxy-revalidate") { forbid(.proxyRevalidate, argument) }
    case 22:
      if name.equalsIgnoringCase("stale-while-revalidate") {
        staleWhileRevalidate = first(staleWhileRevalidate, argument, in: bytes)
      }
    default: break
    }
  }

  /// A directive that limits what a cache may do counts with any argument: it is meant.
  private mutating func forbid(_ flag: Flags, _ argument: CacheDirectives.Argument) {
    flags.insert(argument == .absent ? flag : [flag, .malformed])
  }

  /// A directive that allows something counts only as it is defined: without an argument.
  private mutating func permit(_ flag: Flags, _ argument: CacheDirectives.Argument) {
    flags.insert(argument == .absent ? flag : .malformed)
  }

  /// With field names the directive is about those fields, otherwise about everything.
  private mutating func addListed(
    _ argument: CacheDirectives.Argument, whole: Flags, fields: Flags, in bytes: Span<UInt8>
  ) {
    switch argument {
    case .absent: flags.insert(whole)
    case .token: flags.insert(fields)
    case .quoted(let list) where ListedFields.isList(bytes.slice(list)): flags.insert(fields)
    case .quoted, .malformed: flags.insert([whole, .malformed])
    }
  }

  /// The first argument counts, and one that cannot be read as zero (RFC 9111 section 4.2.1).
  private mutating func first(
    _ earlier: UInt32?, _ argument: CacheDirectives.Argument, in bytes: Span<UInt8>
  ) -> UInt32 {
    if let earlier { return earlier }
    if let seconds = CacheControl.seconds(argument, in: bytes) { return seconds }
    flags.insert(.malformed)
    return 0
  }

  /// Without an argument any staleness is accepted (RFC 9111 section 5.2.1.2).
  private mutating func addMaxStale(
    _ argument: CacheDirectives.Argument, in bytes: Span<UInt8>
  ) {
    if argument == .absent {
      maxStale = maxStale ?? .max
    } else {
      maxStale = first(maxStale, argument, in: bytes)
    }
  }

  /// Seconds in either form: recipients take both (RFC 9111 section 5.2).
  private static func seconds(
    _ argument: CacheDirectives.Argument, in bytes: Span<UInt8>
  ) -> UInt32? {
    switch argument {
    case .token(let text): bytes.slice(text).deltaSeconds
    case .quoted(let text): bytes.slice(text).quotedDeltaSeconds
    case .absent, .malformed: nil
    }
  }
}

extension Span where Element == UInt8 {
  /// The seconds that the bytes spell: digits alone, without sign, point or white space.
  ///
  /// More than 2^31 count as 2^31 (RFC 9111 section 1.2.2); zeros before the number mean nothing.
  public var deltaSeconds: UInt32? {
    guard count > 0 else { return nil }
    var value: UInt64 = 0
    for index in 0..<count {
      guard self[index].isDigit else { return nil }
      value = Swift.min(
        value &* 10 &+ UInt64(self[index] &- UInt8(ascii: "0")),
        UInt64(WireLimits.deltaSecondsMax))
    }
    return UInt32(value)
  }

  /// The same within a quoted string, where a backslash may stand before any digit.
  fileprivate var quotedDeltaSeconds: UInt32? {
    var value: UInt64 = 0
    var index = 0
    var isEmpty = true
    while index < count {
      if self[index] == UInt8(ascii: "\\") { index &+= 1 }
      guard index < count, self[index].isDigit else { return nil }
      value = Swift.min(
        value &* 10 &+ UInt64(self[index] &- UInt8(ascii: "0")),
        UInt64(WireLimits.deltaSecondsMax))
      index &+= 1
      isEmpty = false
    }
    return isEmpty ? nil : UInt32(value)
  }
}
