import Bytes
import Streams

/// Bodies laid out as real packagers write them; the sizes are those of ffmpeg 5.1 segments.
enum Samples {
  /// A box of `size` bytes in all, its payload filled with a byte that is no box header.
  static func box(_ type: String, size: Int) -> [UInt8] {
    bigEndian(UInt64(size), bytes: 4) + Array(type.utf8)
      + Array(repeating: 0xA5, count: size - 8)
  }

  /// A box with the 64-bit size form: size 1, then the true size.
  static func largeBox(_ type: String, size: UInt64, payload: Int) -> [UInt8] {
    bigEndian(1, bytes: 4) + Array(type.utf8) + bigEndian(size, bytes: 8)
      + Array(repeating: 0xA5, count: payload)
  }

  /// A box whose size is 0: it lasts until the body ends.
  static func endlessBox(_ type: String, payload: Int) -> [UInt8] {
    bigEndian(0, bytes: 4) + Array(type.utf8) + Array(repeating: 0xA5, count: payload)
  }

  /// `ffmpeg -f hls -hls_segment_type fmp4`.
  static let hlsSegment =
    box("styp", size: 24) + box("sidx", size: 52) + box("sidx", size: 52)
    + box("moof", size: 380) + box("mdat", size: 361)

  /// `ffmpeg -f dash -ldash 1 -write_prft 1`, with the emsg of an ad marker: two chunks.
  static let cmafChunks =
    box("styp", size: 24) + box("sidx", size: 52) + box("emsg", size: 83)
    + box("prft", size: 32) + box("moof", size: 104) + box("mdat", size: 92)
    + box("prft", size: 32) + box("moof", size: 100) + box("mdat", size: 38)

  /// `ffmpeg -f hls`: the packets of a transport stream.
  static func transportStream(packets: Int) -> [UInt8] {
    let packet: [UInt8] = [0x47, 0x40, 0x11, 0x10] + Array(repeating: 0xFF, count: 184)
    return Array((0..<packets).map { _ in packet }.joined())
  }

  /// The first bytes of an AES-128 segment of ffmpeg, whose length is no multiple of 188.
  static let encryptedSegment: [UInt8] =
    [0xAD, 0x83, 0x32, 0xE9, 0xAF, 0xE4, 0x18, 0xC5, 0xBA, 0xA3, 0xD6, 0xAE, 0xB1, 0x7E, 0x7B]
    + Array(repeating: 0x47, count: 741)

  /// Packed audio of HLS: an ID3 tag with the timestamp, then ADTS frames.
  static let packedAudio: [UInt8] =
    Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 63] + Array(repeating: 0x47, count: 500)

  static let subtitles = Array(
    "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\n00:01.000 --> 00:02.000\nHi\n"
      .utf8)

  private static func bigEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (bytes - 1 - $0))) }
  }
}

extension ContainerCheck {
  /// The verdict on `body`, fed in pieces that end at `cuts`.
  static func verdict(on body: [UInt8], cuts: [Int] = []) -> Verdict {
    var check = ContainerCheck()
    var start = 0
    for end in cuts + [body.count] {
      check.feed(body.span.extracting(start..<end))
      start = end
    }
    return check.verdict
  }
}

extension PlaylistFacts {
  /// The facts of a playlist written as text.
  static func read(_ text: String) -> PlaylistFacts? { read(Array(text.utf8).span) }
}

extension ManifestFacts {
  /// The facts of a manifest written as text.
  static func read(_ text: String) -> ManifestFacts? { read(Array(text.utf8).span) }
}
