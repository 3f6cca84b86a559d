/// What is known of each volume, read by Control when somebody looks.
public enum VolumeValue: Int, CaseIterable, Sendable {
  case usedBytes, sizeBytes, zones, zonesOpened, zonesReclaimed
  case fragmentsCarried, bytesCarried, fragmentsDropped, fragmentsBeyondShare
  case bytesWritten, fragmentsWritten, bytesRead, fragmentsRead
  case checksumErrors, readErrors, writeErrors, indexErrors
  case commits, commitMicroseconds, commitMicrosecondsMax
  case writes, writeMicroseconds, writeMicrosecondsMax
  case jobsWaiting, copyMode
}

/// One reading of all values of one volume; what nobody has set is zero.
public struct VolumeValues: Sendable {
  /// The path of the volume: the label of its metrics.
  public let path: String
  private var values = [UInt64](repeating: 0, count: VolumeValue.allCases.count)

  /// Makes a reading in which everything is zero.
  public init(path: String) { self.path = path }

  /// The value, in the unit that `MetricTable` declares.
  public subscript(value: VolumeValue) -> UInt64 {
    get { values[value.rawValue] }
    set { values[value.rawValue] = newValue }
  }
}
