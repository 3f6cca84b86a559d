public import Delivery
internal import Telemetry

/// What `spillway status` tells of the disk tier beside the values that metrics show.
public struct DiskStatus: Sendable {
  /// Objects on each volume, as far as the directory knows them.
  public let objects: [UInt64]
  /// How far the scan beside a starting node has come.
  public let scan: ScanProgress

  /// Takes both, the objects in the order of the volumes.
  public init(objects: [UInt64], scan: ScanProgress) {
    self.objects = objects
    self.scan = scan
  }
}

// The section of the disk tier; a node without volumes has none.
extension StatusReport {
  /// Writes `"disk"`.
  func writeDisk(to report: inout JSONWriter) {
    guard let disk else { return }
    report.object("disk") { tier in
      tier.member("objects", values[.diskObjects])
      tier.member("directory_bytes", values[.diskDirectoryBytes])
      tier.member("index_used_bytes", values[.diskIndexUsedBytes])
      tier.member("index_entries", values[.diskIndexEntries])
      tier.member("hits", telemetry.total(.diskHits))
      tier.member("answers_late", telemetry.total(.diskAnswersLate))
      tier.member("waiting_bytes", values[.diskBytesWaiting])
      tier.member("writes_shed", values[.diskWritesShed])
      tier.member("read_failures", values[.diskReadFailures])
      tier.member("write_failures", values[.diskWriteFailures])
      tier.member("damaged_objects", values[.diskDamaged])
      writeScan(disk.scan, to: &tier)
      tier.array("volumes") { list in
        for (volume, objects) in zip(values.volumes, disk.objects) {
          list.object { Self.write(volume, objects: objects, to: &$0) }
        }
      }
    }
  }

  private func writeScan(_ scan: ScanProgress, to tier: inout JSONWriter) {
    tier.object("scan") { progress in
      switch scan.kind {
      case .none: progress.member("kind", "none")
      case .directory: progress.member("kind", "directory")
      case .rebuild:
        progress.member("kind", "rebuild")
        progress.member("zones", UInt64(scan.zones))
        progress.member("zones_total", UInt64(scan.zonesTotal))
        progress.member("fragments", scan.fragments)
      }
      if scan.kind != .none { progress.member("objects", scan.objects) }
    }
  }

  private static func write(
    _ volume: VolumeValues, objects: UInt64, to entry: inout JSONWriter
  ) {
    entry.member("path", volume.path)
    entry.member("size_bytes", volume[.sizeBytes])
    entry.member("used_bytes", volume[.usedBytes])
    entry.member("objects", objects)
    entry.member("zones", volume[.zones])
    entry.member("zones_reclaimed", volume[.zonesReclaimed])
    entry.member("carried_bytes", volume[.bytesCarried])
    entry.member("checksum_errors", volume[.checksumErrors])
    entry.member("read_errors", volume[.readErrors])
    entry.member("write_errors", volume[.writeErrors])
    entry.member("index_errors", volume[.indexErrors])
    entry.member("jobs_waiting", volume[.jobsWaiting])
    entry.member("copy_mode", volume[.copyMode])
  }

  /// A line for the tier, and three for each volume.
  func appendDisk(to text: inout TextBuffer) {
    guard let disk else { return }
    text.append(text: "disk       \(values[.diskObjects]) objects, ")
    text.append(text: "\(telemetry.total(.diskHits)) hits, ")
    text.append(text: "\(telemetry.total(.diskAnswersLate)) late, ")
    text.append(text: "\(Self.size(values[.diskIndexUsedBytes])) of index, ")
    text.append(text: "\(Self.size(values[.diskBytesWaiting])) waiting, ")
    text.append(text: "\(values[.diskWritesShed]) shed\n")
    append(disk.scan, to: &text)
    for (volume, objects) in zip(values.volumes, disk.objects) {
      append(volume, objects: objects, to: &text)
    }
  }

  private func append(_ scan: ScanProgress, to text: inout TextBuffer) {
    switch scan.kind {
    case .none: break
    case .directory:
      text.append(text: "           reading the index: \(scan.objects) objects so far\n")
    case .rebuild:
      text.append(text: "           building the index anew: \(scan.zones) of ")
      text.append(text: "\(scan.zonesTotal) zones, \(scan.fragments) fragments, ")
      text.append(text: "\(scan.objects) objects listed\n")
    }
  }

  private func append(_ volume: VolumeValues, objects: UInt64, to text: inout TextBuffer) {
    let size = volume[.sizeBytes]
    let share = size == 0 ? 0 : volume[.usedBytes] &* 100 / size
    let errors = [VolumeValue.checksumErrors, .readErrors, .writeErrors, .indexErrors]
      .reduce(0) { $0 &+ volume[$1] }
    text.append(text: "volume     \(volume.path)\(volume[.copyMode] == 1 ? ", copy mode" : "")\n")
    text.append(text: "           \(objects) objects, \(Self.size(volume[.usedBytes])) of ")
    text.append(text: "\(Self.size(size)) (\(share) %), \(volume[.zones]) zones\n")
    text.append(text: "           \(volume[.zonesReclaimed]) zones reclaimed, ")
    text.append(text: "\(Self.size(volume[.bytesCarried])) carried, \(errors) errors, ")
    text.append(text: "\(volume[.jobsWaiting]) jobs waiting\n")
  }
}
