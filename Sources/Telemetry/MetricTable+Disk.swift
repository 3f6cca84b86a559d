extension MetricTable {
  /// The disk tier as a whole; all zero on a node without volumes.
  static let disk: [MetricFamily] = [
    MetricFamily(
      "spillway_disk_hits_total", .counter, one(.diskHits),
      "Objects that a volume had when memory had not."),
    MetricFamily(
      "spillway_disk_answers_late_total", .counter, one(.diskAnswersLate),
      "Questions that a volume did not answer in time: the origin was asked."),
    MetricFamily(
      "spillway_disk_objects", .gauge, .node(.diskObjects),
      "Objects, and keys that vary, that the directory of the volumes knows of."),
    MetricFamily(
      "spillway_disk_directory_bytes", .gauge, .bytes, .node(.diskDirectoryBytes),
      "Bytes of memory that the directory of the volumes takes."),
    MetricFamily(
      "spillway_disk_index_used_bytes", .gauge, .bytes, .node(.diskIndexUsedBytes),
      "Bytes that the index takes on its disk."),
    MetricFamily(
      "spillway_disk_index_entries", .gauge, .node(.diskIndexEntries),
      "Records in the index: of objects, of Vary rules and of parts of bodies."),
    MetricFamily(
      "spillway_disk_scanning", .gauge, .node(.diskScanning),
      "1 while the index is read into the directory or built anew from the volumes, else 0."),
    MetricFamily(
      "spillway_disk_waiting_bytes", .gauge, .bytes, .node(.diskBytesWaiting),
      "Bytes of bodies that wait to be written to volumes."),
    MetricFamily(
      "spillway_disk_streams", .gauge, .node(.diskStreams),
      "Fills that are written to volumes while they pass."),
    MetricFamily(
      "spillway_disk_writes_shed_total", .counter, .node(.diskWritesShed),
      "Objects that were not written because too much waited or a volume failed."),
    MetricFamily(
      "spillway_disk_streams_lapped_total", .counter, .node(.diskStreamsLapped),
      "Fills that a volume could not follow to their end."),
    MetricFamily(
      "spillway_disk_collisions_total", .counter, .node(.diskCollisions),
      "Objects that were found under another key of the same hash."),
    MetricFamily(
      "spillway_disk_damaged_objects_total", .counter, .node(.diskDamaged),
      "Objects dropped because their bytes were not those that were written."),
    MetricFamily(
      "spillway_disk_read_failures_total", .counter, .node(.diskReadFailures),
      "Questions that a volume or the index failed to answer."),
    MetricFamily(
      "spillway_disk_write_failures_total", .counter, .node(.diskWriteFailures),
      "Writes or commits that failed; their volume is left alone for 5 s."),
    MetricFamily(
      "spillway_disk_stalls_total", .counter, .node(.diskStalls),
      "Calls of sendfile that were held up by a disk."),
    MetricFamily(
      "spillway_disk_copy_modes_total", .counter, .node(.diskCopyModes),
      "Times that a volume went into copy mode: for 30 s it is sent from memory alone."),
  ]

  /// Each volume, by its path; no series on a node without volumes.
  static let volumes: [MetricFamily] =
    [
      MetricFamily(
        "spillway_volume_used_bytes", .gauge, .bytes, .volume(.usedBytes),
        "Bytes of the zones that hold anything."),
      MetricFamily(
        "spillway_volume_size_bytes", .gauge, .bytes, .volume(.sizeBytes),
        "Bytes of the volume."),
      MetricFamily("spillway_volume_zones", .gauge, .volume(.zones), "Zones of the volume."),
      MetricFamily(
        "spillway_volume_zones_opened_total", .counter, .volume(.zonesOpened),
        "Zones opened for writing."),
      MetricFamily(
        "spillway_volume_zones_reclaimed_total", .counter, .volume(.zonesReclaimed),
        "Zones emptied to make room: evictions."),
      MetricFamily(
        "spillway_volume_carried_fragments_total", .counter, .volume(.fragmentsCarried),
        "Fragments of hot objects written anew from a zone that was emptied."),
      MetricFamily(
        "spillway_volume_carried_bytes_total", .counter, .bytes, .volume(.bytesCarried),
        "Bytes of hot objects written anew from a zone that was emptied."),
      MetricFamily(
        "spillway_volume_dropped_fragments_total", .counter, .volume(.fragmentsDropped),
        "Fragments dropped with the zone that was emptied."),
      MetricFamily(
        "spillway_volume_beyond_share_fragments_total", .counter, .volume(.fragmentsBeyondShare),
        "Fragments of hot objects dropped because half a zone was carried already."),
      MetricFamily(
        "spillway_volume_written_bytes_total", .counter, .bytes, .volume(.bytesWritten),
        "Bytes written, padding and tables included."),
      MetricFamily(
        "spillway_volume_written_fragments_total", .counter, .volume(.fragmentsWritten),
        "Fragments written, carried ones included."),
      MetricFamily(
        "spillway_volume_read_bytes_total", .counter, .bytes, .volume(.bytesRead),
        "Bytes read by disk readers; what sendfile takes from the page cache is not in it."),
      MetricFamily(
        "spillway_volume_read_fragments_total", .counter, .volume(.fragmentsRead),
        "Fragments read by disk readers."),
      MetricFamily(
        "spillway_volume_checksum_errors_total", .counter, .volume(.checksumErrors),
        "Fragments whose bytes were not those that were written."),
      MetricFamily(
        "spillway_volume_read_errors_total", .counter, .volume(.readErrors),
        "Reads of the volume that failed."),
      MetricFamily(
        "spillway_volume_write_errors_total", .counter, .volume(.writeErrors),
        "Writes and syncs of the volume that failed."),
      MetricFamily(
        "spillway_volume_index_errors_total", .counter, .volume(.indexErrors),
        "Changes of the index by the volume's writer that failed."),
    ] + volumeTimes

  private static let volumeTimes: [MetricFamily] = [
    MetricFamily(
      "spillway_volume_commits_total", .counter, .volume(.commits),
      "Commits: data synced, then the index."),
    MetricFamily(
      "spillway_volume_commit_seconds_total", .counter, .microseconds,
      .volume(.commitMicroseconds), "Time spent in commits."),
    MetricFamily(
      "spillway_volume_commit_seconds_max", .gauge, .microseconds,
      .volume(.commitMicrosecondsMax), "The longest commit since start."),
    MetricFamily(
      "spillway_volume_writes_total", .counter, .volume(.writes),
      "Writes to the volume, of up to 4 MiB."),
    MetricFamily(
      "spillway_volume_write_seconds_total", .counter, .microseconds,
      .volume(.writeMicroseconds), "Time spent in writes."),
    MetricFamily(
      "spillway_volume_write_seconds_max", .gauge, .microseconds,
      .volume(.writeMicrosecondsMax), "The longest write since start."),
    MetricFamily(
      "spillway_volume_jobs_waiting", .gauge, .volume(.jobsWaiting),
      "Jobs that wait for the volume's writer."),
    MetricFamily(
      "spillway_volume_copy_mode", .gauge, .volume(.copyMode),
      "1 while the volume is sent from memory alone because its disk stalled, else 0."),
  ]
}
