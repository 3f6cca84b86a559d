public import Bytes

/// What stands in front of every fragment on a volume: whose it is, which part, and is it whole.
///
/// A fragment is the header, the vary rule, the meta bytes, the data, and zeros up to the sector:
/// ```
/// header (160) | vary rule | meta | data | zeros
/// ```
/// Number 0 is the head of an object; number `n` holds the bytes `(n - 1) * unit ..< n * unit`.
/// The rule stands only in heads of variants, so that an index can be built of the volumes alone.
public struct FragmentHeader: Equatable, Sendable {
  /// What a fragment is.
  public struct Flags: OptionSet, Equatable, Sendable {
    /// The bits.
    public let rawValue: UInt16

    /// Makes flags of their bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Number 0: it has the meta bytes.
    public static let head = Flags(rawValue: 1)
    /// The whole body lies in this head.
    public static let inline = Flags(rawValue: 2)
    /// `totalLength` is known: in every head, and in the last fragment of a body.
    public static let sealed = Flags(rawValue: 4)
    /// The object of this hash was removed; neither meta nor data.
    public static let tombstone = Flags(rawValue: 8)
    /// A new head for an object whose body lies elsewhere, under the same object id.
    public static let update = Flags(rawValue: 16)
    /// Not all fragments of the body need exist.
    public static let sparse = Flags(rawValue: 32)
    /// A head with a vary rule: `primary` is another hash than `hash`.
    public static let variant = Flags(rawValue: 64)
    static let known = Flags(rawValue: 127)
  }

  /// Bytes of an encoded header.
  public static let byteCount = 160

  /// What it is.
  public var flags: Flags = []
  /// The epoch of its zone when it was written.
  public var epoch: UInt32 = 0
  /// The volume that it was written to.
  public var volumeID: UInt64 = 0
  /// The object, or the variant of it.
  public var hash: Hash128
  /// The hash that is asked for first: of all variants the same.
  public var primary: Hash128
  /// What all fragments of one object have in common: 64 random bits.
  public var objectID: UInt64 = 0
  /// When it was written, in the order of the node.
  public var serial: UInt64 = 0
  /// Which fragment of the object.
  public var number: UInt32 = 0
  /// Bytes of the body in each fragment but the last.
  public var unit: UInt32
  /// Bytes of the vary rule.
  public var varyLength: UInt16 = 0
  /// Bytes of the meta.
  public var metaLength: UInt32 = 0
  /// Bytes of the body in this fragment.
  public var dataLength: UInt32 = 0
  /// Where in the body they begin.
  public var dataOffset: UInt64 = 0
  /// Bytes of the whole body, if `sealed`.
  public var totalLength: UInt64 = 0
  /// After this the object need not be kept.
  public var usableUntil: WallTime
  /// The checksum of rule, meta and data.
  public var payloadChecksum: UInt64 = 0

  /// Makes the header of a fragment that is to be written; the writer adds what it alone knows.
  public init(
    flags: Flags, hash: Hash128, primary: Hash128, unit: UInt32, usableUntil: WallTime
  ) {
    self.flags = flags
    self.hash = hash
    self.primary = primary
    self.unit = unit
    self.usableUntil = usableUntil
  }

  /// Bytes of rule, meta and data.
  public var payloadLength: Int { Int(varyLength) + Int(metaLength) + Int(dataLength) }
  /// Bytes of the fragment without its padding: the length of its place.
  public var length: Int { Self.byteCount + payloadLength }
  /// Where in the fragment the meta begins.
  public var metaStart: Int { Self.byteCount + Int(varyLength) }
  /// Where in the fragment the data begins.
  public var dataStart: Int { metaStart + Int(metaLength) }
  /// Sectors that the fragment occupies.
  public var sectors: UInt32 { Self.sectors(of: length) }

  static func sectors(of length: Int) -> UInt32 {
    UInt32((length + StoreLimits.sectorBytes - 1) / StoreLimits.sectorBytes)
  }
}

extension FragmentHeader {
  private static let magic: UInt64 = 0x3147_4152_4657_5053  // "SPWFRAG1"
  private static let version: UInt16 = 1

  /// Writes the header into the first 160 bytes of `bytes`.
  public func encode(into bytes: UnsafeMutableRawBufferPointer) {
    precondition(bytes.count >= Self.byteCount, "a header does not fit")
    unsafe bytes.store(Self.magic, at: 0)
    unsafe bytes.store(Self.version, at: 8)
    unsafe bytes.store(flags.rawValue, at: 10)
    unsafe bytes.store(epoch, at: 12)
    unsafe bytes.store(volumeID, at: 16)
    unsafe bytes.store(hash, at: 24)
    unsafe bytes.store(primary, at: 40)
    unsafe bytes.store(objectID, at: 56)
    unsafe bytes.store(serial, at: 64)
    unsafe bytes.store(number, at: 72)
    unsafe bytes.store(unit, at: 76)
    unsafe bytes.store(metaLength, at: 80)
    unsafe bytes.store(dataLength, at: 84)
    unsafe bytes.store(dataOffset, at: 88)
    unsafe bytes.store(totalLength, at: 96)
    unsafe bytes.store(usableUntil.milliseconds, at: 104)
    unsafe bytes.store(varyLength, at: 112)
    unsafe bytes.part(at: 114, count: 30).fill()
    unsafe bytes.store(payloadChecksum, at: 144)
    let checksum = unsafe Checksum.of(UnsafeRawBufferPointer(bytes.part(at: 0, count: 152)))
    unsafe bytes.store(checksum, at: 152)
  }

  /// Reads a header from the front of `bytes`; `nil` when it is none, or none that makes sense.
  public static func decode(from bytes: UnsafeRawBufferPointer) -> FragmentHeader? {
    guard bytes.count >= byteCount, unsafe bytes.integer(at: 0, as: UInt64.self) == magic,
      unsafe bytes.integer(at: 8, as: UInt16.self) == version,
      unsafe bytes.integer(at: 152, as: UInt64.self)
        == Checksum.of(bytes.part(at: 0, count: 152)),
      unsafe bytes.part(at: 114, count: 30).isBlank
    else { return nil }
    var header = unsafe FragmentHeader(
      flags: Flags(rawValue: bytes.integer(at: 10, as: UInt16.self)), hash: bytes.hash(at: 24),
      primary: bytes.hash(at: 40), unit: bytes.integer(at: 76, as: UInt32.self),
      usableUntil: WallTime(milliseconds: bytes.integer(at: 104, as: Int64.self)))
    header.epoch = unsafe bytes.integer(at: 12, as: UInt32.self)
    header.volumeID = unsafe bytes.integer(at: 16, as: UInt64.self)
    header.objectID = unsafe bytes.integer(at: 56, as: UInt64.self)
    header.serial = unsafe bytes.integer(at: 64, as: UInt64.self)
    header.number = unsafe bytes.integer(at: 72, as: UInt32.self)
    header.metaLength = unsafe bytes.integer(at: 80, as: UInt32.self)
    header.dataLength = unsafe bytes.integer(at: 84, as: UInt32.self)
    header.dataOffset = unsafe bytes.integer(at: 88, as: UInt64.self)
    header.totalLength = unsafe bytes.integer(at: 96, as: UInt64.self)
    header.varyLength = unsafe bytes.integer(at: 112, as: UInt16.self)
    header.payloadChecksum = unsafe bytes.integer(at: 144, as: UInt64.self)
    return header.makesSense ? header : nil
  }

  /// Whether the bytes of a whole fragment, header included, are what was written.
  func isSound(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= length else { return false }
    let payload = unsafe bytes.part(at: Self.byteCount, count: payloadLength)
    return unsafe Checksum.of(payload) == payloadChecksum
  }

  /// Whether the fields agree with each other and with the limits.
  var makesSense: Bool {
    guard flags.isSubset(of: .known), flags.contains(.head) == (number == 0) else { return false }
    if flags.contains(.tombstone) {
      return flags == [.head, .tombstone] && payloadLength == 0 && dataOffset == 0
        && totalLength == 0
    }
    guard unit > 0, unit <= StoreLimits.fragmentDataBytesMax else { return false }
    return number == 0 ? headMakesSense : bodyMakesSense
  }

  private var headMakesSense: Bool {
    guard flags.contains(.sealed), dataOffset == 0,
      metaLength <= StoreLimits.metaBytesMax, varyLength <= StoreLimits.varyRuleBytesMax,
      flags.contains(.variant) == (varyLength > 0)
    else { return false }
    guard ObjectRecord.fragmentCount(bodyLength: totalLength, unit: unit) != nil else {
      return false
    }
    guard flags.contains(.inline) else { return dataLength == 0 }
    return flags.isDisjoint(with: [.update, .sparse])
      && dataLength <= StoreLimits.inlineBodyBytes && UInt64(dataLength) == totalLength
  }

  private var bodyMakesSense: Bool {
    guard flags.isSubset(of: [.sealed, .sparse]), metaLength == 0, varyLength == 0,
      dataLength > 0, dataLength <= unit, UInt64(number) <= StoreLimits.bodyFragmentsMax,
      dataOffset == UInt64(number - 1) * UInt64(unit)
    else { return false }
    let end = dataOffset + UInt64(dataLength)
    return flags.contains(.sealed) ? end <= totalLength : totalLength == 0
  }
}
