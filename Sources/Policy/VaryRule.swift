public import Bytes
public import Wire

/// What the Vary fields of an answer demand: RFC 9111 section 4.1.
public enum Variation: Sendable, Equatable {
  /// One answer for all.
  case none
  /// The answer belongs to requests that agree in the rule's fields.
  case rule(VaryRule)
  /// No later request is answered with it: `*`, or more than `PolicyLimits` lets a rule hold.
  case everything
}

/// The request fields that choose among the variants of a key.
///
/// Names are kept in lower case, sorted, each once, so that equal demands are equal rules. What the
/// site tells apart of codings and languages goes along, so that a variant is found as it was kept.
public struct VaryRule: Sendable, Equatable {
  /// The names, each ended by a line feed.
  private let names: [UInt8]
  private let negotiation: Negotiation

  /// Answers that differ by coding alone.
  public static let acceptEncoding = VaryRule(sorted: ["accept-encoding"], .usual)

  /// An answer that varies by nothing, of a key that has others: the key itself is its variant.
  public static let everybody = VaryRule(sorted: [], .usual)

  /// The rule as a volume keeps it: its names, each ended by a line feed.
  public var encoded: [UInt8] { names }

  /// Reads `encoded`; `nil` for what no rule is written as.
  ///
  /// `negotiation` is what the configuration tells apart now: variants that were kept by another
  /// one are not found any more.
  public init?(encoded: Span<UInt8>, negotiation: Negotiation = .usual) {
    var list: [String] = []
    var start = 0
    for index in encoded.indices where encoded[index] == UInt8(ascii: "\n") {
      let name = encoded.extracting(start..<index)
      guard !name.isEmpty else { return nil }
      for offset in name.indices where !name[offset].isTokenCharacter { return nil }
      list.append(VaryRule.text(name))
      start = index + 1
    }
    let rule = VaryRule(sorted: list, negotiation)
    guard !list.isEmpty, start == encoded.count, list.count <= PolicyLimits.varyFieldsMax,
      rule.names.count <= PolicyLimits.varyBytesMax, list == Set(list).sorted(),
      rule.names.span.equals(encoded)
    else { return nil }
    self = rule
  }

  private init(sorted list: [String], _ negotiation: Negotiation) {
    names = Array(list.map { $0 + "\n" }.joined().utf8)
    self.negotiation = negotiation
  }

  /// Reads the Vary fields of an answer.
  ///
  /// An answer with a Content-Encoding varies by Accept-Encoding even where its origin forgets to
  /// say so, and where a rule ignores it: a viewer that cannot decode it must never get it.
  ///
  /// - Parameters:
  ///   - head: The answer's head.
  ///   - bytes: The bytes that it was parsed from.
  ///   - negotiation: What the rule of its path tells apart.
  ///   - ignored: What that rule does not heed.
  /// - Returns: What later requests must agree in.
  public static func read(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, negotiation: Negotiation = .usual,
    ignoring ignored: IgnoredDirectives = []
  ) -> Variation {
    var list: [String] = []
    var next = ignored.contains(.vary) ? nil : head.fields.firstIndex(of: .vary)
    while let index = next {
      var members = TokenList(head.fields[index].value)
      while let member = members.next(in: bytes) {
        let name = bytes.slice(member)
        if name.equals("*") { return .everything }
        for offset in name.indices where !name[offset].isTokenCharacter { return .everything }
        list.append(text(name))
        guard list.count <= WireLimits.fieldsMax else { return .everything }
      }
      next = head.fields.nextIndex(of: .vary, after: index)
    }
    if let coding = head.fields.first(.contentEncoding),
      !bytes.slice(coding).isEmpty, !bytes.slice(coding).equalsIgnoringCase("identity")
    {
      list.append("accept-encoding")
    }
    if list.isEmpty { return .none }
    let rule = VaryRule(sorted: Set(list).sorted(), negotiation)
    let isBounded =
      rule.fieldCount <= PolicyLimits.varyFieldsMax
      && rule.names.count <= PolicyLimits.varyBytesMax
    return isBounded ? .rule(rule) : .everything
  }

  /// Whether `read` says `everything`: the decision needs no more, and no rule is made for it.
  static func isEverything(_ head: borrowing ResponseHead, bytes: Span<UInt8>) -> Bool {
    // A Content-Encoding may add a name.
    var fields = 1
    var length = "accept-encoding".utf8.count + 1
    var next = head.fields.firstIndex(of: .vary)
    while let index = next {
      var members = TokenList(head.fields[index].value)
      while let member = members.next(in: bytes) {
        let name = bytes.slice(member)
        if name.equals("*") { return true }
        for offset in name.indices where !name[offset].isTokenCharacter { return true }
        fields += 1
        length += name.count + 1
      }
      next = head.fields.nextIndex(of: .vary, after: index)
    }
    guard fields > PolicyLimits.varyFieldsMax || length > PolicyLimits.varyBytesMax else {
      return false
    }
    // Names may have been repeated.
    return read(head, bytes: bytes) == .everything
  }

  /// The names, for operators: `accept-encoding, foo`.
  public var text: String {
    String(decoding: names, as: UTF8.self).split(separator: "\n").joined(separator: ", ")
  }

  /// How many fields the rule names.
  public var fieldCount: Int { names.count { $0 == UInt8(ascii: "\n") } }

  /// The key of the variant that answers this request.
  ///
  /// - Parameters:
  ///   - key: The hash of the cache key, which all its variants share.
  ///   - head: The request's head.
  ///   - bytes: The bytes that `head` was parsed from.
  ///   - isIdentityOnly: The object is fetched with identity coding whatever the viewer accepts.
  ///   - scratch: The worker's; overwritten.
  /// - Returns: `nil` where no Fill can stand for the request: it shows a Cookie or Authorization
  ///   that the rule names, or a value beyond `PolicyLimits.selectingFieldBytesMax`. It is passed.
  public func variantKey(
    of key: Hash128, head: borrowing RequestHead, bytes: Span<UInt8>, isIdentityOnly: Bool,
    scratch: inout [UInt8]
  ) -> Hash128? {
    if names.isEmpty { return key }
    scratch.removeAll(keepingCapacity: true)
    var position = 0
    while let name = nextName(from: &position) {
      scratch.append(copying: names.span.extracting(name))
      scratch.append(UInt8(ascii: ":"))
      let isSound = appendValue(
        of: names.span.extracting(name), head: head, bytes: bytes, isIdentityOnly: isIdentityOnly,
        to: &scratch)
      guard isSound else { return nil }
      scratch.append(UInt8(ascii: "\n"))
    }
    return key.combined(with: scratch.span)
  }

  /// Appends the rule's fields as the Fill of a variant sends them: normalised, one line each.
  ///
  /// Only a request for which `variantKey` is not `nil` has a Fill.
  func appendFields(
    head: borrowing RequestHead, bytes: Span<UInt8>, isIdentityOnly: Bool,
    to output: inout [UInt8]
  ) {
    var position = 0
    while let name = nextName(from: &position) {
      let start = output.count
      output.append(contentsOf: names[name])
      output.append(text: ": ")
      let valueStart = output.count
      let isSound = appendValue(
        of: names.span.extracting(name), head: head, bytes: bytes, isIdentityOnly: isIdentityOnly,
        to: &output)
      let isWanted = isSound && output.count > valueStart
      if isWanted { output.append(text: "\r\n") } else { output.removeLast(output.count - start) }
    }
  }

  /// Whether the rule names a field, in any case.
  func names(_ field: Span<UInt8>) -> Bool {
    var position = 0
    while let name = nextName(from: &position) {
      if names.span.extracting(name).equalsIgnoringCase(field) { return true }
    }
    return false
  }

  /// Whether the rule names Accept-Encoding.
  var namesAcceptEncoding: Bool {
    var position = 0
    while let name = nextName(from: &position) {
      if names.span.extracting(name).equals("accept-encoding") { return true }
    }
    return false
  }

  /// Appends the normalised value of one selecting field; nothing where the request has none.
  private func appendValue(
    of name: Span<UInt8>, head: borrowing RequestHead, bytes: Span<UInt8>, isIdentityOnly: Bool,
    to output: inout [UInt8]
  ) -> Bool {
    if name.equals("accept-encoding") {
      negotiation.appendCodings(
        head, bytes: bytes, isIdentityOnly: isIdentityOnly, to: &output)
      return true
    }
    if name.equals("accept-language") {
      return negotiation.appendLanguages(head, bytes: bytes, to: &output)
    }
    guard let first = head.fields.firstIndex(named: name, in: bytes) else { return true }
    switch head.fields[first].token {
    case .cookie, .authorization, .proxyAuthorization: return false
    default: break
    }
    let start = output.count
    for index in first..<head.fields.count {
      let field = head.fields[index]
      guard bytes.slice(field.name).equalsIgnoringCase(name) else { continue }
      if index > first { output.append(UInt8(ascii: ",")) }
      VaryRule.append(normalised: bytes.slice(field.value), to: &output)
      guard output.count - start <= PolicyLimits.selectingFieldBytesMax else { return false }
    }
    return true
  }

  /// Appends a value without the white space around its commas; quoted strings stay as they are.
  private static func append(normalised value: Span<UInt8>, to output: inout [UInt8]) {
    var isQuoted = false
    var index = 0
    while index < value.count {
      let byte = value[index]
      if byte == UInt8(ascii: "\""), index == 0 || value[index - 1] != UInt8(ascii: "\\") {
        isQuoted.toggle()
      }
      var next = index + 1
      if !isQuoted, byte.isSpace {
        while next < value.count, value[next].isSpace { next += 1 }
        let isByComma =
          output.last == UInt8(ascii: ",")
          || (next < value.count && value[next] == UInt8(ascii: ","))
        // Elsewhere white space may mean something (RFC 9111 section 4.1).
        if !isByComma { output.append(copying: value.extracting(index..<next)) }
      } else {
        output.append(byte)
      }
      index = next
    }
  }

  private func nextName(from position: inout Int) -> Range<Int>? {
    guard position < names.count else { return nil }
    let start = position
    while names[position] != UInt8(ascii: "\n") { position += 1 }
    position += 1
    return start..<(position - 1)
  }

  private static func text(_ name: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    bytes.append(lowercasing: name)
    return String(decoding: bytes, as: UTF8.self)
  }
}
