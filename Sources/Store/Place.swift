/// Where a fragment lies: it is there only while its zone has this epoch.
public struct Place: Equatable, Hashable, Sendable {
  /// The number of the volume.
  public var volume: UInt8
  /// The number of the zone in the volume.
  public var zone: UInt32
  /// The epoch of the zone when the fragment was written.
  public var epoch: UInt32
  /// Where the fragment begins, in sectors from the start of the zone.
  public var sector: UInt32
  /// Bytes of the fragment: header, meta and data, without the padding.
  public var length: UInt32

  /// Makes a place.
  public init(volume: UInt8, zone: UInt32, epoch: UInt32, sector: UInt32, length: UInt32) {
    self.volume = volume
    self.zone = zone
    self.epoch = epoch
    self.sector = sector
    self.length = length
  }

  /// Whether both lie in the same life of the same zone, so that both go at once.
  public func sharesZone(with other: Place) -> Bool {
    volume == other.volume && zone == other.zone && epoch == other.epoch
  }
}
