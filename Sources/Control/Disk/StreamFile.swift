internal import Bytes
internal import Loop
internal import Origin
internal import Streams

/// Where the records of live playlists and manifests are kept over a restart: two small files.
final class StreamFile: StreamRecorder, @unchecked Sendable {
  // Exception: unchecked, because the stream book's lock guards all that changes.
  private let playlists: SlotFile
  private let manifests: SlotFile
  private var foundPlaylists: [StreamRecord]
  private var foundManifests: [ManifestRecord]

  /// Opens or makes the files in a folder: 4 MiB for 4096 playlists, and 16 MiB for 128 manifests.
  init(folder: String) throws(SystemError) {
    playlists = try SlotFile(
      path: folder + "/streams", half: StreamsLimits.recordBytesMax + SlotFile.front, slots: 4096)
    manifests = try SlotFile(
      path: folder + "/manifests", half: StreamsLimits.manifestRecordBytesMax + SlotFile.front,
      slots: 128)
    foundPlaylists = playlists.records { StreamRecord($0).map { ($0.presentation.name, $0) } }
    foundManifests = manifests.records { ManifestRecord($0).map { ($0.presentation.name, $0) } }
    super.init()
  }

  override func records() -> [StreamRecord] { foundPlaylists }
  override func manifestRecords() -> [ManifestRecord] { foundManifests }

  override func write(_ record: StreamRecord) {
    if let bytes = record.encoded { playlists.write(bytes, named: record.presentation.name) }
  }

  override func write(_ record: ManifestRecord) {
    if let bytes = record.encoded { manifests.write(bytes, named: record.presentation.name) }
  }
}
