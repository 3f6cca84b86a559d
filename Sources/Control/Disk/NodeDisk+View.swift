internal import Delivery
internal import Store
internal import Telemetry

// What operators see of the disk tier.
extension NodeDisk {
  /// Puts everything that metrics and status show into `values`; it may read a page of the index.
  func read(into values: inout NodeValues) {
    let store = tier.store
    values[.diskObjects] = UInt64(store.directory.count)
    values[.diskDirectoryBytes] = UInt64(store.directory.heldBytes)
    values[.diskIndexUsedBytes] = store.index.usedBytes
    do throws(StoreError) {
      values[.diskIndexEntries] = try store.index.entryCount()
    } catch {
      // The gauge says zero; the failure is counted where it matters, by readers and writers.
    }
    values[.diskScanning] = scanProgress.kind == .none ? 0 : 1
    values[.diskBytesWaiting] = tier.counters[.bytesWaiting]
    values[.diskStreams] = tier.counters[.streams]
    values[.diskWritesShed] = tier.counters[.writesShed]
    values[.diskStreamsLapped] = tier.counters[.streamsLapped]
    values[.diskCollisions] = tier.counters[.collisions]
    values[.diskDamaged] = tier.counters[.damaged]
    values[.diskReadFailures] = tier.counters[.readFailures]
    values[.diskWriteFailures] = tier.counters[.writeFailures]
    values[.diskStalls] = tier.counters[.stalls]
    values[.diskCopyModes] = tier.counters[.copyModes]
    values.volumes = store.volumes.map(read)
  }

  /// What `spillway status` shows beside them; it walks the directory.
  var status: DiskStatus {
    let store = tier.store
    return DiskStatus(
      objects: store.directory.counts(volumes: store.volumes.count).map(UInt64.init),
      scan: scanProgress)
  }

  private func read(_ volume: Volume) -> VolumeValues {
    var values = VolumeValues(path: volume.path)
    values[.usedBytes] = UInt64(volume.usedZones) * volume.zoneBytes
    values[.sizeBytes] = volume.bytes
    values[.zones] = UInt64(volume.zoneCount)
    values[.jobsWaiting] = UInt64(tier.jobsWaiting(volume: Int(volume.number)))
    values[.copyMode] = tier.isInCopyMode(volume: Int(volume.number)) ? 1 : 0
    for name in VolumeCounters.Name.allCases {
      values[VolumeValue(counted: name)] = volume.counters[name]
    }
    return values
  }
}

extension VolumeValue {
  /// The value that a volume counts under this name.
  fileprivate init(counted name: VolumeCounters.Name) {
    self =
      switch name {
      case .bytesWritten: .bytesWritten
      case .fragmentsWritten: .fragmentsWritten
      case .zonesOpened: .zonesOpened
      case .zonesReclaimed: .zonesReclaimed
      case .fragmentsCarried: .fragmentsCarried
      case .bytesCarried: .bytesCarried
      case .fragmentsDropped: .fragmentsDropped
      case .fragmentsBeyondShare: .fragmentsBeyondShare
      case .checksumErrors: .checksumErrors
      case .readErrors: .readErrors
      case .writeErrors: .writeErrors
      case .indexErrors: .indexErrors
      case .commits: .commits
      case .commitMicroseconds: .commitMicroseconds
      case .commitMicrosecondsMax: .commitMicrosecondsMax
      case .writes: .writes
      case .writeMicroseconds: .writeMicroseconds
      case .writeMicrosecondsMax: .writeMicrosecondsMax
      case .fragmentsRead: .fragmentsRead
      case .bytesRead: .bytesRead
      }
  }
}
