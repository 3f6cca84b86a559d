/// Walks the directives of one Cache-Control value: `name [ "=" ( token / quoted-string ) ]`.
///
/// A quote opens a string only behind an equals sign, and only if it is closed: anywhere else it is
/// a character like others, so that no odd quote can hide a `no-store` that stands behind it.
/// Empty elements are skipped (RFC 9110 section 5.6.1).
public struct CacheDirectives: Sendable {
  /// What stands behind a directive's name.
  public enum Argument: Equatable, Sendable, BitwiseCopyable {
    /// Nothing.
    case absent
    /// A token, at least one character long.
    case token(ByteRange)
    /// What stands between the quotes, backslashes included; may be empty.
    case quoted(ByteRange)
    /// Anything else: white space around the equals sign, nothing behind it, an open quote.
    case malformed
  }

  /// One directive.
  public struct Directive: Equatable, Sendable, BitwiseCopyable {
    /// The name in the case in which it was sent; empty where an element does not begin with one.
    public var name: ByteRange
    /// What stands behind it.
    public var argument: Argument
  }

  private var position: Int
  private let end: Int

  /// Walks the directives in `value`.
  @inline(__always)
  public init(_ value: ByteRange) {
    position = Int(value.start)
    end = value.end
  }

  /// The next directive, or `nil` at the end; `bytes` is what the value counts in.
  public mutating func next(in bytes: Span<UInt8>) -> Directive? {
    while position < end, bytes[position].isSpace || bytes[position] == UInt8(ascii: ",") {
      position &+= 1
    }
    guard position < end else { return nil }
    let start = position
    while position < end, bytes[position].isTokenCharacter { position &+= 1 }
    let name = ByteRange(from: start, to: position)
    var argument = readArgument(in: bytes)
    // Whatever is left of the element makes it unreadable.
    skipSpaces(in: bytes)
    while position < end, bytes[position] != UInt8(ascii: ",") {
      argument = .malformed
      position &+= 1
    }
    return Directive(name: name, argument: argument)
  }

  private mutating func readArgument(in bytes: Span<UInt8>) -> Argument {
    let nameEnd = position
    skipSpaces(in: bytes)
    guard position < end, bytes[position] == UInt8(ascii: "=") else { return .absent }
    position &+= 1
    let start = position
    skipSpaces(in: bytes)
    let isTight = start == nameEnd &+ 1 && position == start
    guard position < end else { return .malformed }
    if bytes[position] == UInt8(ascii: "\"") {
      guard let close = bytes.closingQuote(from: position &+ 1, to: end) else { return .malformed }
      let inner = ByteRange(from: position &+ 1, to: close)
      position = close &+ 1
      return isTight ? .quoted(inner) : .malformed
    }
    while position < end, bytes[position].isTokenCharacter { position &+= 1 }
    guard isTight, position > start else { return .malformed }
    return .token(ByteRange(from: start, to: position))
  }

  private mutating func skipSpaces(in bytes: Span<UInt8>) {
    while position < end, bytes[position].isSpace { position &+= 1 }
  }
}

/// Walks the field names that `private="..."` and `no-cache="..."` list in one Cache-Control value.
///
/// RFC 9111 sections 5.2.2.4 and 5.2.2.7. The token form for a single name, which nobody should
/// send, is read as well. A list that names nothing, or something that is no field name, is none:
/// its directive counts as the bare one (`CacheControl` has the flag), and no name of it is listed.
public struct ListedFields: Sendable {
  private var directives: CacheDirectives
  private var names = TokenList(.empty)

  /// Walks the lists in `value`.
  public init(_ value: ByteRange) { directives = CacheDirectives(value) }

  /// Walks the list that `list` holds, without the quotes around it; nothing where it is malformed.
  ///
  /// For the string members of targeted fields (RFC 9213).
  public init(list: ByteRange, in bytes: Span<UInt8>) {
    directives = CacheDirectives(.empty)
    if ListedFields.isList(bytes.slice(list)) { names = TokenList(list) }
  }

  /// The next name in the case in which it was sent, or `nil` at the end.
  public mutating func next(in bytes: Span<UInt8>) -> ByteRange? {
    while true {
      if let name = names.next(in: bytes) { return name }
      guard let directive = directives.next(in: bytes) else { return nil }
      let name = bytes.slice(directive.name)
      guard name.equalsIgnoringCase("private") || name.equalsIgnoringCase("no-cache") else {
        continue
      }
      switch directive.argument {
      case .token(let list): names = TokenList(list)
      case .quoted(let list) where ListedFields.isList(bytes.slice(list)): names = TokenList(list)
      case .quoted, .absent, .malformed: continue
      }
    }
  }

  /// Whether `text` is a list of at least one field name and nothing else.
  public static func isList(_ text: Span<UInt8>) -> Bool {
    var list = TokenList(text.wholeRange)
    var isEmpty = true
    while let element = list.next(in: text) {
      guard text.slice(element).allTokenCharacters else { return false }
      isEmpty = false
    }
    return !isEmpty && text.count <= WireLimits.headMax
  }
}
