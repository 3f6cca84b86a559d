extension StructuredField {
  /// Writes a list: RFC 9651 section 4.1.1; an empty one is no field at all, so no bytes.
  ///
  /// - Throws: `StructuredError` where a value has no form on the wire.
  public static func write(
    list members: [StructuredMember]
  ) throws(StructuredError) -> [UInt8] {
    var output: [UInt8] = []
    for (index, member) in members.enumerated() {
      if index > 0 { output += [UInt8(ascii: ","), 0x20] }
      try write(member, to: &output)
    }
    return output
  }

  /// Writes a dictionary: RFC 9651 section 4.1.2.
  ///
  /// - Throws: `StructuredError` where a key or value has no form on the wire.
  public static func write(
    dictionary members: [(key: [UInt8], member: StructuredMember)]
  ) throws(StructuredError) -> [UInt8] {
    var output: [UInt8] = []
    for (index, entry) in members.enumerated() {
      if index > 0 { output += [UInt8(ascii: ","), 0x20] }
      try write(key: entry.key, to: &output)
      if case .item(let item) = entry.member, item.value == .boolean(true) {
        try write(item.parameters, to: &output)
      } else {
        output.append(UInt8(ascii: "="))
        try write(entry.member, to: &output)
      }
    }
    return output
  }

  /// Writes an item: RFC 9651 section 4.1.3.
  ///
  /// - Throws: `StructuredError` where a value has no form on the wire.
  public static func write(item: StructuredItem) throws(StructuredError) -> [UInt8] {
    var output: [UInt8] = []
    try write(item, to: &output)
    return output
  }

  private static func write(
    _ member: StructuredMember, to output: inout [UInt8]
  ) throws(StructuredError) {
    switch member {
    case .item(let item): try write(item, to: &output)
    case .innerList(let items, let parameters):
      output.append(UInt8(ascii: "("))
      for (index, item) in items.enumerated() {
        if index > 0 { output.append(0x20) }
        try write(item, to: &output)
      }
      output.append(UInt8(ascii: ")"))
      try write(parameters, to: &output)
    }
  }

  private static func write(
    _ item: StructuredItem, to output: inout [UInt8]
  ) throws(StructuredError) {
    try write(item.value, to: &output)
    try write(item.parameters, to: &output)
  }

  private static func write(
    _ parameters: [StructuredParameter], to output: inout [UInt8]
  ) throws(StructuredError) {
    for parameter in parameters {
      output.append(UInt8(ascii: ";"))
      try write(key: parameter.key, to: &output)
      guard parameter.value != .boolean(true) else { continue }
      output.append(UInt8(ascii: "="))
      try write(parameter.value, to: &output)
    }
  }

  private static func write(
    key: [UInt8], to output: inout [UInt8]
  ) throws(StructuredError) {
    let mayBegin = key.first.map { !$0.isDigit && !"_-.".utf8.contains($0) } ?? false
    guard mayBegin, key.allSatisfy(\.isKeyCharacter) else { throw .syntax }
    output += key
  }

  private static func write(
    _ value: StructuredValue, to output: inout [UInt8]
  ) throws(StructuredError) {
    switch value {
    case .integer(let number): try write(integer: number, to: &output)
    case .decimal(let thousandths): try write(decimal: thousandths, to: &output)
    case .boolean(let truth): output += truth ? Array("?1".utf8) : Array("?0".utf8)
    case .date(let seconds):
      output.append(UInt8(ascii: "@"))
      try write(integer: seconds, to: &output)
    case .token(let text):
      guard text.span.isStructuredToken else { throw .syntax }
      output += text
    case .bytes(let bytes):
      output.append(UInt8(ascii: ":"))
      Base64.encode(bytes, to: &output)
      output.append(UInt8(ascii: ":"))
    case .string(let text): try write(string: text, to: &output)
    case .displayString(let text): try write(display: text, to: &output)
    }
  }

  private static func write(
    integer: Int64, to output: inout [UInt8]
  ) throws(StructuredError) {
    guard integer.magnitude <= 999_999_999_999_999 else { throw .range }
    output += Array(String(integer).utf8)
  }

  private static func write(
    decimal thousandths: Int64, to output: inout [UInt8]
  ) throws(StructuredError) {
    guard thousandths.magnitude <= 999_999_999_999_999 else { throw .range }
    if thousandths < 0 { output.append(UInt8(ascii: "-")) }
    output += Array(String(thousandths.magnitude / 1000).utf8)
    output.append(UInt8(ascii: "."))
    let fraction = String(thousandths.magnitude % 1000 + 1000).utf8.dropFirst()
    output += fraction.prefix(1)
    var rest = Array(fraction.dropFirst())
    while rest.last == UInt8(ascii: "0") { rest.removeLast() }
    output += rest
  }

  private static func write(
    string text: [UInt8], to output: inout [UInt8]
  ) throws(StructuredError) {
    guard text.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E }) else { throw .syntax }
    output.append(UInt8(ascii: "\""))
    for byte in text {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        output.append(UInt8(ascii: "\\"))
      }
      output.append(byte)
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func write(
    display text: [UInt8], to output: inout [UInt8]
  ) throws(StructuredError) {
    guard String(validating: text, as: UTF8.self) != nil else { throw .syntax }
    let digits = Array("0123456789abcdef".utf8)
    output += [UInt8(ascii: "%"), UInt8(ascii: "\"")]
    for byte in text {
      let isPlain = byte >= 0x20 && byte <= 0x7E
      if isPlain, byte != UInt8(ascii: "%"), byte != UInt8(ascii: "\"") {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
