internal import Wire

/// Writing text at the end of a worker's scratch, whose capacity is kept between uses.
extension [UInt8] {
  /// Appends the bytes of a span.
  ///
  /// Exception: `unsafe`, because every hit writes its key: a loop through an OutputSpan costs 25
  /// instructions a byte, `append(contentsOf:)` 50 more than this (measured with callgrind).
  @inline(__always)
  mutating func append(copying bytes: Span<UInt8>) {
    append(addingCapacity: bytes.count) { (space: inout OutputSpan<UInt8>) in
      unsafe space.withUnsafeMutableBufferPointer { room, count in
        unsafe bytes.withUnsafeBytes {
          unsafe UnsafeMutableRawBufferPointer(room).copyMemory(from: $0)
        }
        count = bytes.count
      }
    }
  }

  /// Appends the bytes of a span, capitals as small letters.
  mutating func append(lowercasing bytes: Span<UInt8>) {
    append(addingCapacity: bytes.count) { (space: inout OutputSpan<UInt8>) in
      for index in bytes.indices { space.append(bytes[index].lowercased) }
    }
  }

  /// Appends the bytes of a literal, which lies in the binary: nothing is allocated for it.
  @inline(__always)
  mutating func append(text: String) { append(contentsOf: text.utf8) }

  /// Appends text that lies in the binary.
  mutating func append(text: StaticString) {
    text.withUTF8Buffer { unsafe append(contentsOf: $0) }
  }

  /// Appends a field line of text that came from the configuration or from this module.
  mutating func appendField(_ name: String, _ value: String) {
    append(contentsOf: name.utf8)
    append(text: ": ")
    append(contentsOf: value.utf8)
    append(text: "\r\n")
  }

  /// Appends a field line whose value came from a parsed head; none where the value is empty.
  mutating func appendField(_ name: String, _ value: [UInt8]) {
    guard !value.isEmpty else { return }
    append(contentsOf: name.utf8)
    append(text: ": ")
    append(contentsOf: value)
    append(text: "\r\n")
  }
}
