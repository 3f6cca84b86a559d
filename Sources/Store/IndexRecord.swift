public import Bytes

/// What the index knows under one key: where an object, a rule or a part of a body lies.
///
/// Alive only while the volume's zone has the record's epoch.
public enum IndexRecord: Equatable, Sendable {
  /// Number 0 of a variant: its head, and its body or the fragments of its body.
  case object(ObjectRecord)
  /// Number 0 of a primary hash whose answer varies.
  case vary(VaryRecord)
  /// Number 1 and up: a fragment of a body.
  case body(BodyRecord)

  /// When it was written, in the order of the node: a higher one wins.
  public var serial: UInt64 {
    switch self {
    case .object(let record): record.serial
    case .vary(let record): record.serial
    case .body(let record): record.serial
    }
  }

  /// The fragment that it speaks of; of a vary record the head of the youngest variant.
  public var place: Place {
    switch self {
    case .object(let record): record.place
    case .vary(let record): record.place
    case .body(let record): record.place
    }
  }
}

/// An object at rest: where its head lies and how long its body is.
public struct ObjectRecord: Equatable, Sendable {
  /// How the body is laid out.
  public struct Flags: OptionSet, Equatable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// Makes flags of their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The whole body lies in the head fragment.
    public static let inline = Flags(rawValue: 1)
    /// Not all fragments of the body need exist: it is stored in slices.
    public static let sparse = Flags(rawValue: 2)
    /// All flags that this version knows.
    static let known: Flags = [.inline, .sparse]
  }

  /// What its head and its body fragments have in common, and nobody else's.
  public var objectID: UInt64
  /// When the head was written, in the order of the node.
  public var serial: UInt64
  /// Where the head lies.
  public var place: Place
  /// Bytes of the whole body.
  public var bodyLength: UInt64
  /// Bytes of the body in each fragment but the last.
  public var unit: UInt32
  /// How the body is laid out.
  public var flags: Flags
  /// After this it need not be kept.
  public var usableUntil: WallTime

  /// Makes a record.
  public init(
    objectID: UInt64, serial: UInt64, place: Place, bodyLength: UInt64, unit: UInt32,
    flags: Flags, usableUntil: WallTime
  ) {
    self.objectID = objectID
    self.serial = serial
    self.place = place
    self.bodyLength = bodyLength
    self.unit = unit
    self.flags = flags
    self.usableUntil = usableUntil
  }
}

/// The rule by which the variants of one primary key are told apart.
public struct VaryRecord: Equatable, Sendable {
  /// The rule's text, at most `StoreLimits.varyRuleBytesMax` bytes.
  public let rule: [UInt8]
  /// When it was written, in the order of the node.
  public let serial: UInt64
  /// The head of the youngest variant: the rule dies with that zone.
  public let place: Place

  /// Makes a record; `nil` when the rule is too long for the index.
  public init?(rule: [UInt8], serial: UInt64, place: Place) {
    guard rule.count <= StoreLimits.varyRuleBytesMax else { return nil }
    self.rule = rule
    self.serial = serial
    self.place = place
  }
}

/// A fragment of a body.
public struct BodyRecord: Equatable, Sendable {
  /// The object that it belongs to; it counts only while number 0 names the same.
  public var objectID: UInt64
  /// When it was written, in the order of the node.
  public var serial: UInt64
  /// Where it lies.
  public var place: Place
  /// Bytes of the body in it.
  public var length: UInt32

  /// Makes a record.
  public init(objectID: UInt64, serial: UInt64, place: Place, length: UInt32) {
    self.objectID = objectID
    self.serial = serial
    self.place = place
    self.length = length
  }
}
