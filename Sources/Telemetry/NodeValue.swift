/// What is known once per node, read by Control when somebody looks.
public enum NodeValue: Int, CaseIterable, Sendable {
  case workers, snapshotsAlive
  case memoryUsedBytes, memoryLimitBytes, memoryObjects, memoryEvictions
  case purgeSequence, passEntries
  case diskObjects, diskDirectoryBytes, diskIndexUsedBytes, diskIndexEntries, diskScanning
  case diskBytesWaiting, diskStreams
  case diskWritesShed, diskStreamsLapped, diskCollisions, diskDamaged
  case diskReadFailures, diskWriteFailures, diskStalls, diskCopyModes
  case accessRecordsWritten, accessWriteErrors, errorLinesSuppressed
  case processMicroseconds, processResidentBytes, processVirtualBytes
  case processDescriptors, processDescriptorsMax, processStartMilliseconds
}

/// One reading of every node value; what nobody has set is zero.
public struct NodeValues: Sendable {
  /// What is known of each volume, in the order of the configuration.
  public var volumes: [VolumeValues] = []
  /// What is known of each server of the origins.
  public var servers: [ServerValues] = []
  /// What is known of each origin, in the order of the configuration.
  public var origins: [OriginValues] = []
  private var values = [UInt64](repeating: 0, count: NodeValue.allCases.count)

  /// Makes a reading in which everything is zero.
  public init() {}

  /// The value, in the unit that `MetricTable` declares.
  public subscript(value: NodeValue) -> UInt64 {
    get { values[value.rawValue] }
    set { values[value.rawValue] = newValue }
  }
}
