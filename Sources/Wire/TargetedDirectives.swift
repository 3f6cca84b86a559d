/// Walks the members of one line of a targeted field without allocation: RFC 9213 section 2.1.
///
/// The field is a dictionary; parameters are read and ignored. Several lines are one field.
public struct TargetedDirectives: Sendable {
  /// One member.
  public struct Directive: Equatable, Sendable, BitwiseCopyable {
    /// The directive's name, in small letters by the grammar.
    public var name: ByteRange
    /// Its value; `nil` for an inner list, which no directive takes.
    public var value: ScannedItem?
  }

  private var scanner: StructuredScanner
  private var isFirst = true

  /// Walks the members of `line`.
  ///
  /// - Throws: `StructuredError.tooLarge`.
  public init(_ line: Span<UInt8>) throws(StructuredError) {
    scanner = try StructuredScanner(line)
  }

  /// The next member, or `nil` at the end.
  ///
  /// - Throws: Why the whole field is to be ignored.
  public mutating func next(in line: Span<UInt8>) throws(StructuredError) -> Directive? {
    if isFirst {
      isFirst = false
      guard !scanner.isAtEnd else { return nil }
    } else {
      guard try scanner.nextMember(in: line) else { return nil }
    }
    let name = try scanner.key(in: line)
    var value: ScannedItem? = .boolean(true)
    if scanner.take(UInt8(ascii: "="), in: line) {
      if scanner.take(UInt8(ascii: "("), in: line) {
        try scanner.skipInnerList(in: line)
        value = nil
      } else {
        value = try scanner.item(in: line)
      }
    }
    try scanner.skipParameters(in: line)
    return Directive(name: name, value: value)
  }
}

extension StructuredScanner {
  /// Goes past an inner list whose parenthesis was taken.
  mutating func skipInnerList(in bytes: Span<UInt8>) throws(StructuredError) {
    var mayFollow = true
    while true {
      let before = self
      skipSpaces(in: bytes)
      if take(UInt8(ascii: ")"), in: bytes) { return }
      guard mayFollow || hasMoved(since: before) else { throw .syntax }
      _ = try item(in: bytes)
      try skipParameters(in: bytes)
      mayFollow = false
    }
  }

  /// Goes past parameters.
  mutating func skipParameters(in bytes: Span<UInt8>) throws(StructuredError) {
    while take(UInt8(ascii: ";"), in: bytes) {
      skipSpaces(in: bytes)
      _ = try key(in: bytes)
      if take(UInt8(ascii: "="), in: bytes) { _ = try item(in: bytes) }
    }
  }
}

extension CacheControl {
  /// Reads a targeted field: RFC 9213 section 2.
  ///
  /// A member of a type that its directive does not have is as if it were absent ("should not
  /// consume", section 2.1); of several equal members the last one holds. What cannot be parsed, or
  /// holds nothing, is no field at all: `nil`.
  ///
  /// - Parameters:
  ///   - fields: the head's fields.
  ///   - token: the targeted field.
  ///   - bytes: the head that the fields were parsed from.
  public init?(
    targeted fields: borrowing HeadFields, _ token: FieldName, in bytes: Span<UInt8>
  ) {
    guard var line = fields.firstIndex(of: token) else { return nil }
    self.init()
    let isSeveral = fields.isRepeated(token)
    var count = 0
    do throws(StructuredError) {
      while true {
        let value = bytes.slice(fields[line].value)
        // Joined to its neighbours by commas, an empty line is an error (RFC 9651 section 4.2).
        if isSeveral, value.isEmpty { return nil }
        var directives = try TargetedDirectives(value)
        while let directive = try directives.next(in: value) {
          set(value.slice(directive.name), directive.value, in: value)
          count += 1
        }
        guard let next = fields.nextIndex(of: token, after: line) else { break }
        line = next
      }
    } catch {
      return nil
    }
    if count == 0 { return nil }
  }

  private mutating func set(_ name: Span<UInt8>, _ value: ScannedItem?, in line: Span<UInt8>) {
    switch name.count {
    case 6 where name.equals("public"): set(.isPublic, value)
    case 7 where name.equals("max-age"): maxAge = CacheControl.seconds(value)
    case 7 where name.equals("private"):
      setListed(whole: .isPrivate, fields: .privateFields, value, in: line)
    case 8 where name.equals("s-maxage"): sharedMaxAge = CacheControl.seconds(value)
    case 8 where name.equals("no-cache"):
      setListed(whole: .noCache, fields: .noCacheFields, value, in: line)
    case 8 where name.equals("no-store"): set(.noStore, value)
    case 9 where name.equals("immutable"): set(.immutable, value)
    case 12 where name.equals("no-transform"): set(.noTransform, value)
    case 14 where name.equals("stale-if-error"): staleIfError = CacheControl.seconds(value)
    case 15 where name.equals("must-revalidate"): set(.mustRevalidate, value)
    case 15 where name.equals("must-understand"): set(.mustUnderstand, value)
    case 16 where name.equals("proxy-revalidate"): set(.proxyRevalidate, value)
    case 22 where name.equals("stale-while-revalidate"):
      staleWhileRevalidate = CacheControl.seconds(value)
    default: return
    }
  }

  private mutating func set(_ flag: Flags, _ value: ScannedItem?) {
    if value == .boolean(true) { flags.insert(flag) } else { flags.remove(flag) }
  }

  private mutating func setListed(
    whole: Flags, fields: Flags, _ value: ScannedItem?, in line: Span<UInt8>
  ) {
    flags.subtract([whole, fields])
    if value == .boolean(true) { flags.insert(whole) }
    guard case .string(let list) = value else { return }
    flags.insert(ListedFields.isList(line.slice(list)) ? fields : whole)
  }

  /// Whole seconds; below zero means stale, above 2^31 as much (RFC 9111 section 1.2.2).
  private static func seconds(_ value: ScannedItem?) -> UInt32? {
    guard case .integer(let number) = value else { return nil }
    return UInt32(min(max(0, number), Int64(WireLimits.deltaSecondsMax)))
  }
}
