/// Says whether a media body ends where its container ends: the last test before sealing.
///
/// Fed with the consecutive pieces of one body, cut anywhere; keeps 44 bytes of state. Only for
/// whole, unencoded bodies of status 200. A body is checked when it starts with a box that fMP4
/// files start with, or with the sync byte 0x47 at 0, 188 and 376 (MPEG-TS); all else (AES-128
/// segments, WebVTT, ID3 and packed audio, images, keys) is `.unknown` and sealed by its framing.
///
/// Bytes inside boxes are skipped without a look at them; of a transport stream, one byte in 188
/// is read.
/// - Source: ISO/IEC 14496-12 §4.2 (boxes), ISO/IEC 13818-1 §2.4.3 (packets).
public struct ContainerCheck: Sendable {
  /// What the bytes so far say, were they the whole body.
  public enum Verdict: UInt8, Sendable {
    /// No container that can be checked: framing alone decides.
    case unknown
    /// The container ends here.
    case closed
    /// The container wants more bytes, or is broken: the body is not to be kept.
    case open
  }

  private enum State: UInt8 { case start, header, body, toTheEnd, packets, broken, unknown }

  private static let packetBytes = 188
  /// Packets whose sync byte must be there before the body counts as a transport stream.
  private static let packetsProving: UInt8 = 3
  private static let syncByte: UInt8 = 0x47

  private var state = State.start
  private var isFirstBox = true
  /// Bytes of the present box's header that were read, 0 to 16.
  private var headerCount: UInt8 = 0
  /// Transport packets begun, up to `packetsProving`.
  private var packetCount: UInt8 = 0
  /// The first 8 bytes of the header: size and type.
  private var sizeAndType: UInt64 = 0
  /// The 64-bit size that follows where the size is 1.
  private var largeSize: UInt64 = 0
  /// Bytes left of the present box, or to the next packet.
  private var remaining: UInt64 = 0
  /// Media data boxes (`mdat`) that have ended: fragments that can be played.
  public private(set) var fragmentCount: UInt32 = 0

  /// Starts at the first byte of a body.
  public init() {}

  /// Whether further bytes cannot change the verdict: feeding may stop.
  public var isDecided: Bool { state == .unknown || state == .broken || state == .toTheEnd }

  /// What the body is, if it ends after the bytes that were fed.
  public var verdict: Verdict {
    switch state {
    case .start, .unknown: .unknown
    case .header: isFirstBox ? firstHeaderVerdict : headerCount == 0 ? .closed : .open
    case .body, .broken: .open
    case .toTheEnd: .closed
    case .packets:
      packetCount < Self.packetsProving ? .unknown : remaining == 0 ? .closed : .open
    }
  }

  /// Takes the next bytes of the body.
  public mutating func feed(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      switch state {
      case .start:
        state = bytes[index] == Self.syncByte ? .packets : .header
      case .header:
        takeHeader(bytes[index])
        index += 1
      case .body:
        index += skip(bytes.count - index)
        if remaining == 0 { endBox() }
      case .packets:
        if remaining == 0, !beginPacket(bytes[index]) { return }
        index += skip(bytes.count - index)
      case .toTheEnd, .broken, .unknown:
        return
      }
    }
  }

  /// A body that ends in its first header: known by its type, or too short to be known.
  private var firstHeaderVerdict: Verdict { headerCount < 8 ? .unknown : .open }

  private mutating func skip(_ available: Int) -> Int {
    let step = min(UInt64(available), remaining)
    remaining -= step
    return Int(step)
  }

  private mutating func endBox() {
    if UInt32(truncatingIfNeeded: sizeAndType) == 0x6D64_6174 { fragmentCount &+= 1 }  // mdat
    state = .header
    headerCount = 0
    sizeAndType = 0
    largeSize = 0
  }

  /// Checks the sync byte of the packet that starts here; `false` ends the check.
  private mutating func beginPacket(_ byte: UInt8) -> Bool {
    guard byte == Self.syncByte else {
      state = packetCount < Self.packetsProving ? .unknown : .broken
      return false
    }
    if packetCount < Self.packetsProving { packetCount += 1 }
    remaining = UInt64(Self.packetBytes)
    return true
  }

  private mutating func takeHeader(_ byte: UInt8) {
    assert(headerCount < 16)
    headerCount += 1
    if headerCount > 8 {
      largeSize = largeSize << 8 | UInt64(byte)
      if headerCount == 16 { enterBox(size: largeSize) }
      return
    }
    sizeAndType = sizeAndType << 8 | UInt64(byte)
    guard headerCount == 8 else { return }
    if isFirstBox, !Self.mayComeFirst(UInt32(truncatingIfNeeded: sizeAndType)) {
      state = .unknown
      return
    }
    switch sizeAndType >> 32 {
    case 0: state = .toTheEnd
    case 1: return
    case let size: enterBox(size: size)
    }
  }

  /// Skips to the end of a box whose header was read; a size smaller than the header is broken.
  private mutating func enterBox(size: UInt64) {
    guard size >= UInt64(headerCount) else {
      state = .broken
      return
    }
    remaining = size - UInt64(headerCount)
    isFirstBox = false
    if remaining == 0 { endBox() } else { state = .body }
  }

  /// Whether fMP4 bodies start with boxes of this type.
  private static func mayComeFirst(_ type: UInt32) -> Bool {
    switch type {
    case 0x6674_7970: true  // ftyp
    case 0x7374_7970: true  // styp
    case 0x7369_6478: true  // sidx
    case 0x656D_7367: true  // emsg
    case 0x7072_6674: true  // prft
    case 0x6D6F_6F66: true  // moof
    case 0x6D6F_6F76: true  // moov
    case 0x7575_6964: true  // uuid
    case 0x6672_6565: true  // free
    default: false
    }
  }
}
