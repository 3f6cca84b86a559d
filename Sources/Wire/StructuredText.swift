/// Writing structured field values (RFC 9651), as Cache-Status needs them.
extension HeadWriter {
  /// Adds `bytes` as a string: quoted, with backslashes where they are needed.
  ///
  /// Bytes that no string can hold are written as `?`.
  public mutating func append(quoted bytes: Span<UInt8>) {
    append(UInt8(ascii: "\""))
    for index in 0..<bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { append(UInt8(ascii: "\\")) }
      append(byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?"))
    }
    append(UInt8(ascii: "\""))
  }

  /// Adds `bytes` as a token where they are one, else as a string.
  public mutating func append(tokenOrQuoted bytes: Span<UInt8>) {
    if bytes.isStructuredToken { append(bytes) } else { append(quoted: bytes) }
  }

  /// Adds `;name`, a parameter that is true by being there.
  @inline(__always)
  public mutating func appendParameter(_ name: StaticString) {
    append(UInt8(ascii: ";"))
    append(name)
  }

  /// Adds `;name=number`.
  @inline(__always)
  public mutating func appendParameter(_ name: StaticString, integer number: Int64) {
    appendParameter(name)
    append(UInt8(ascii: "="))
    append(signed: max(-999_999_999_999_999, min(999_999_999_999_999, number)))
  }

  /// Adds `;name=token`.
  @inline(__always)
  public mutating func appendParameter(_ name: StaticString, token: StaticString) {
    appendParameter(name)
    append(UInt8(ascii: "="))
    append(token)
  }

  /// Adds `;name="text"`.
  public mutating func appendParameter(_ name: StaticString, quoted bytes: Span<UInt8>) {
    appendParameter(name)
    append(UInt8(ascii: "="))
    append(quoted: bytes)
  }
}

extension Span where Element == UInt8 {
  /// Whether the bytes are a token (RFC 9651 section 3.3.4).
  ///
  /// A letter or `*`, then token characters, `:` or `/`.
  public var isStructuredToken: Bool {
    guard count > 0 else { return false }
    guard (self[0] | 0x20) &- UInt8(ascii: "a") < 26 || self[0] == UInt8(ascii: "*") else {
      return false
    }
    for index in 1..<count {
      let byte = self[index]
      guard byte.isTokenCharacter || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "/") else {
        return false
      }
    }
    return true
  }
}
