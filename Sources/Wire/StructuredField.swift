/// A bare item of a structured field: RFC 9651 section 3.3.
public enum StructuredValue: Equatable, Sendable {
  /// Between -999 999 999 999 999 and 999 999 999 999 999.
  case integer(Int64)
  /// In thousandths: at most twelve digits before the point.
  case decimal(thousandths: Int64)
  /// Printable ASCII.
  case string([UInt8])
  /// A word without quotes.
  case token([UInt8])
  /// Any bytes.
  case bytes([UInt8])
  /// `?0` or `?1`.
  case boolean(Bool)
  /// Seconds since 1970.
  case date(Int64)
  /// Unicode text in UTF-8.
  case displayString([UInt8])
}

/// A key with its value: RFC 9651 section 3.1.2.
public struct StructuredParameter: Equatable, Sendable {
  /// Small letters, digits, `_`, `-`, `.` and `*`.
  public var key: [UInt8]
  /// Its value; `true` where none is written.
  public var value: StructuredValue

  /// A parameter.
  public init(key: [UInt8], value: StructuredValue) {
    self.key = key
    self.value = value
  }
}

/// An item with its parameters: RFC 9651 section 3.3.
public struct StructuredItem: Equatable, Sendable {
  /// The bare item.
  public var value: StructuredValue
  /// Its parameters in order; no key stands twice.
  public var parameters: [StructuredParameter]

  /// An item.
  public init(_ value: StructuredValue, parameters: [StructuredParameter] = []) {
    self.value = value
    self.parameters = parameters
  }
}

/// A member of a list or dictionary: RFC 9651 sections 3.1 and 3.2.
public enum StructuredMember: Equatable, Sendable {
  /// One item.
  case item(StructuredItem)
  /// A list in parentheses with parameters of its own.
  case innerList([StructuredItem], parameters: [StructuredParameter])
}

/// A structured field of one of the three kinds; each is parsed and written by its own rules.
///
/// Several lines of one field are parsed as one, joined by `, `. A field that cannot be parsed is
/// ignored as a whole: RFC 9651 section 4.2.
public enum StructuredField {
  /// Parses a list: RFC 9651 section 4.2.1.
  ///
  /// - Throws: Why the field is to be ignored.
  public static func list(_ bytes: Span<UInt8>) throws(StructuredError) -> [StructuredMember] {
    var scanner = try StructuredScanner(bytes)
    var members: [StructuredMember] = []
    guard !scanner.isAtEnd else { return members }
    repeat {
      members.append(try member(&scanner, bytes))
      guard members.count <= WireLimits.structuredMembersMax else { throw .tooLarge }
    } while try scanner.nextMember(in: bytes)
    return members
  }

  /// Parses a dictionary: RFC 9651 section 4.2.2; of several equal keys the last one's value holds,
  /// at the place of the first.
  ///
  /// - Throws: Why the field is to be ignored.
  public static func dictionary(
    _ bytes: Span<UInt8>
  ) throws(StructuredError) -> [(key: [UInt8], member: StructuredMember)] {
    var scanner = try StructuredScanner(bytes)
    var members: [(key: [UInt8], member: StructuredMember)] = []
    var places: [[UInt8]: Int] = [:]
    guard !scanner.isAtEnd else { return members }
    repeat {
      let key = copy(bytes.slice(try scanner.key(in: bytes)))
      let member: StructuredMember
      if scanner.take(UInt8(ascii: "="), in: bytes) {
        member = try self.member(&scanner, bytes)
      } else {
        let parameters = try parameters(&scanner, bytes)
        member = .item(StructuredItem(.boolean(true), parameters: parameters))
      }
      if let place = places[key] {
        members[place].member = member
      } else {
        places[key] = members.count
        members.append((key, member))
      }
      guard members.count <= WireLimits.structuredMembersMax else { throw .tooLarge }
    } while try scanner.nextMember(in: bytes)
    return members
  }

  /// Parses an item: RFC 9651 section 4.2.3.
  ///
  /// - Throws: Why the field is to be ignored.
  public static func item(_ bytes: Span<UInt8>) throws(StructuredError) -> StructuredItem {
    var scanner = try StructuredScanner(bytes)
    let item = try item(&scanner, bytes)
    scanner.skipSpaces(in: bytes)
    guard scanner.isAtEnd else { throw .syntax }
    return item
  }

  private static func member(
    _ scanner: inout StructuredScanner, _ bytes: Span<UInt8>
  ) throws(StructuredError) -> StructuredMember {
    guard scanner.take(UInt8(ascii: "("), in: bytes) else {
      return .item(try item(&scanner, bytes))
    }
    var items: [StructuredItem] = []
    var mayFollow = true
    while true {
      let before = scanner
      scanner.skipSpaces(in: bytes)
      if scanner.take(UInt8(ascii: ")"), in: bytes) { break }
      // Items of an inner list are told apart by spaces.
      guard mayFollow || scanner.hasMoved(since: before) else { throw .syntax }
      items.append(try item(&scanner, bytes))
      mayFollow = false
      guard items.count <= WireLimits.structuredMembersMax else { throw .tooLarge }
    }
    return .innerList(items, parameters: try parameters(&scanner, bytes))
  }

  private static func item(
    _ scanner: inout StructuredScanner, _ bytes: Span<UInt8>
  ) throws(StructuredError) -> StructuredItem {
    let value = try value(scanner.item(in: bytes), bytes)
    return StructuredItem(value, parameters: try parameters(&scanner, bytes))
  }

  private static func parameters(
    _ scanner: inout StructuredScanner, _ bytes: Span<UInt8>
  ) throws(StructuredError) -> [StructuredParameter] {
    var parameters: [StructuredParameter] = []
    while scanner.take(UInt8(ascii: ";"), in: bytes) {
      scanner.skipSpaces(in: bytes)
      let key = copy(bytes.slice(try scanner.key(in: bytes)))
      var value = StructuredValue.boolean(true)
      if scanner.take(UInt8(ascii: "="), in: bytes) {
        value = try self.value(scanner.item(in: bytes), bytes)
      }
      if let place = parameters.firstIndex(where: { $0.key == key }) {
        parameters[place].value = value
      } else {
        parameters.append(StructuredParameter(key: key, value: value))
      }
      guard parameters.count <= WireLimits.structuredParametersMax else { throw .tooLarge }
    }
    return parameters
  }

  private static func value(
    _ item: ScannedItem, _ bytes: Span<UInt8>
  ) throws(StructuredError) -> StructuredValue {
    switch item {
    case .integer(let number): .integer(number)
    case .decimal(let thousandths): .decimal(thousandths: thousandths)
    case .token(let range): .token(copy(bytes.slice(range)))
    case .bytes(let range): .bytes(Base64.decode(bytes.slice(range)))
    case .boolean(let truth): .boolean(truth)
    case .date(let seconds): .date(seconds)
    case .string(let range): .string(unescaped(bytes.slice(range)))
    case .displayString(let range): .displayString(try decoded(bytes.slice(range)))
    }
  }

  private static func unescaped(_ text: Span<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "\\") { index += 1 }
      output.append(text[index])
      index += 1
    }
    return output
  }

  /// Takes the percent-encodings out of a display string, which has to be UTF-8.
  static func decoded(_ text: Span<UInt8>) throws(StructuredError) -> [UInt8] {
    var output: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), let high = text[index + 1].lowerHexDigit,
        let low = text[index + 2].lowerHexDigit
      {
        output.append(high << 4 | low)
        index += 3
      } else {
        output.append(text[index])
        index += 1
      }
    }
    guard String(validating: output, as: UTF8.self) != nil else { throw .syntax }
    return output
  }

  private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(bytes.count)
    for index in bytes.indices { copy.append(bytes[index]) }
    return copy
  }
}
