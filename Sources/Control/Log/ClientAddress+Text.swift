internal import Telemetry

extension ClientAddress {
  /// Appends the address as people write it; IPv6 in the form of RFC 5952.
  func append(to line: inout TextBuffer) {
    switch family {
    case .none: break
    case .unix: line.append("unix")
    case .ipv4: Self.append(ipv4: low, to: &line)
    case .ipv6 where high == 0 && low >> 32 == 0xFFFF:
      line.append("::ffff:")
      Self.append(ipv4: low & 0xFFFF_FFFF, to: &line)
    case .ipv6: appendIPv6(to: &line)
    }
  }

  private static func append(ipv4 address: UInt64, to line: inout TextBuffer) {
    line.append(decimal: address >> 24 & 0xFF)
    line.append(byte: UInt8(ascii: "."))
    line.append(decimal: address >> 16 & 0xFF)
    line.append(byte: UInt8(ascii: "."))
    line.append(decimal: address >> 8 & 0xFF)
    line.append(byte: UInt8(ascii: "."))
    line.append(decimal: address & 0xFF)
  }

  private func group(_ index: Int) -> UInt64 {
    (index < 4 ? high : low) >> UInt64(48 - 16 * (index & 3)) & 0xFFFF
  }

  private func appendIPv6(to line: inout TextBuffer) {
    let gap = longestZeros()
    var index = 0
    while index < 8 {
      if index == gap.lowerBound && !gap.isEmpty {
        line.append("::")
        index = gap.upperBound
        continue
      }
      if index > 0 && (gap.isEmpty || index != gap.upperBound) { line.append(":") }
      append(hexadecimal: group(index), to: &line)
      index += 1
    }
  }

  /// The first longest run of at least two zero groups; empty if there is none.
  private func longestZeros() -> Range<Int> {
    var best = 0..<0
    var start = 0
    for index in 0..<8 {
      if group(index) != 0 {
        start = index + 1
      } else if index + 1 - start > max(1, best.count) {
        best = start..<(index + 1)
      }
    }
    return best
  }

  private func append(hexadecimal group: UInt64, to line: inout TextBuffer) {
    var shift: UInt64 = 12
    while shift > 0 && group >> shift == 0 { shift -= 4 }
    while true {
      line.append(byte: TextBuffer.digit(UInt8(truncatingIfNeeded: group >> shift) & 15))
      if shift == 0 { return }
      shift -= 4
    }
  }
}
