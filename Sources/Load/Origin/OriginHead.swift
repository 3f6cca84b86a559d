internal import Bytes
internal import Wire

/// What the heads of all answers of the tools' origins end with.
enum OriginHead {
  /// The field Date and the end of a head.
  ///
  /// RFC 9110 section 6.6.1 asks origins for it, and Squid takes `max-age` without it for
  /// `max-age=0`.
  static func dateAndEnd(_ time: WallTime) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: 64) { room, count in
      var writer = unsafe HeadWriter(UnsafeMutableRawBufferPointer(room))
      writer.appendField("Date", date: HTTPDate(seconds: time.seconds))
      writer.append("\r\n")
      count = writer.count
    }
  }
}
