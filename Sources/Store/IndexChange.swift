public import Bytes

/// One step of a batch that is committed to the index as a whole.
public enum IndexChange: Equatable, Sendable {
  /// Writes a record, unless one with a higher serial is there.
  case put(hash: Hash128, number: UInt32, IndexRecord)
  /// Removes a record if it still points there: a vary record if it names this zone and epoch.
  case removeIfAt(hash: Hash128, number: UInt32, Place)
  /// Removes number 0 and all body records of a hash, each unless its serial is higher.
  case removeObject(hash: Hash128, serialAtMost: UInt64)
}
