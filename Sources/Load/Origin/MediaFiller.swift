internal import Glibc

/// Segments with the boxes or packets of real ones, and filler where the pictures would be.
///
/// Lengths are exact, boxes are complete (ISO/IEC 14496-12) and packets have their sync bytes
/// (ISO/IEC 13818-1), so that caches and checks treat them as media; no decoder is meant to.
enum MediaFiller {
  private static let packetBytes = 188

  /// An initialization segment.
  static func initialization(track: Int) -> [UInt8] {
    let header = [UInt8](repeating: 0, count: 100)
    return box("ftyp", Array("iso6".utf8) + [0, 0, 0, 1] + Array("iso6cmfc".utf8))
      + box("moov", box("mvhd", header) + box("free", [UInt8(truncatingIfNeeded: track)]))
  }

  /// A fragment of so many bytes in all: moof and mdat.
  ///
  /// - Parameters:
  ///   - bytes: its length, at least `leastBytes`.
  ///   - sequence: its number in the movie.
  ///   - time: its decode time in the track's timescale.
  /// - Returns: the fragment.
  static func fragment(bytes: Int, sequence: Int64, time: Int64) -> [UInt8] {
    var output = box("styp", Array("msdh".utf8) + [0, 0, 0, 0] + Array("msdhcmfs".utf8))
    let header = box("mfhd", [0, 0, 0, 0] + number(UInt32(truncatingIfNeeded: sequence)))
    let track = box("tfhd", [0, 2, 0, 0] + number(1))
    let decode = box("tfdt", [1, 0, 0, 0] + number(UInt64(bitPattern: time)))
    let run = box("trun", [0, 0, 0, 1] + number(0) + number(0))
    output += box("moof", header + box("traf", track + decode + run))
    let left = max(8, bytes - output.count)
    output += number(UInt32(left)) + Array("mdat".utf8)
    return output + filler(left - 8, UInt8(truncatingIfNeeded: sequence))
  }

  /// A transport stream of about so many bytes: whole packets.
  static func packets(bytes: Int, sequence: Int64) -> [UInt8] {
    let count = max(3, bytes / packetBytes)
    var output = filler(count * packetBytes, UInt8(truncatingIfNeeded: sequence))
    for packet in 0..<count {
      output[packet * packetBytes] = 0x47
      output[packet * packetBytes + 1] = 0x01
      output[packet * packetBytes + 3] = 0x10 | UInt8(packet & 15)
    }
    return output
  }

  /// By `memset`: without optimisation the library's loop takes seconds for what tests need.
  private static func filler(_ count: Int, _ byte: UInt8) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress { unsafe memset(base, Int32(byte), count) }
      initialized = count
    }
  }

  private static func box(_ type: String, _ content: [UInt8]) -> [UInt8] {
    number(UInt32(content.count + 8)) + Array(type.utf8) + content
  }

  private static func number<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map {
      UInt8(truncatingIfNeeded: value >> (Value.bitWidth - 8 - 8 * $0))
    }
  }
}
