import Bytes
import Store

/// Headers of fragments: what is read is written as the same bytes, fits its limits, and is refused
/// with any bit flipped.
///
/// The first byte is odd where the checksum is to be made right, which chance never does; two bytes
/// choose the bit to flip; the header follows.
enum FragmentProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count >= 3 + FragmentHeader.byteCount else { return }
    var header = Array(bytes[3..<(3 + FragmentHeader.byteCount)])
    if bytes[0] % 2 == 1 { seal(&header) }
    guard let read = decode(header) else { return }
    var again = [UInt8](repeating: 0xEE, count: FragmentHeader.byteCount)
    again.withUnsafeMutableBytes { read.encode(into: $0) }
    precondition(again == header, "a header that is written otherwise than it was read")
    precondition(read.length <= 1_048_576 + FragmentHeader.byteCount)
    precondition(read.dataStart + Int(read.dataLength) == read.length)
    precondition(Int(read.sectors) * StoreLimits.sectorBytes >= read.length)
    precondition(read.flags.contains(.head) == (read.number == 0))
    let bit = (Int(bytes[1]) << 8 | Int(bytes[2])) % (header.count * 8)
    header[bit / 8] ^= 1 << UInt8(bit % 8)
    precondition(decode(header) == nil, "a header that is read with a bit flipped")
  }

  private static func decode(_ bytes: [UInt8]) -> FragmentHeader? {
    bytes.withUnsafeBytes { FragmentHeader.decode(from: $0) }
  }

  /// Writes what no mutation gets right: magic, version, and the checksum over the rest.
  private static func seal(_ header: inout [UInt8]) {
    header.replaceSubrange(0..<10, with: Array("SPWFRAG1".utf8) + [1, 0])
    let sum = header[..<152].withUnsafeBytes { Checksum.of($0) }
    for index in 0..<8 { header[152 + index] = UInt8(truncatingIfNeeded: sum >> (index * 8)) }
  }
}
