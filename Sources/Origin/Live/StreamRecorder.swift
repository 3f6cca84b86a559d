public import Streams

/// Keeps the records of live playlists over a restart: subclassed by whoever has a place for them.
///
/// Called with the lock of the stream book held, on any worker's thread: it may not block.
open class StreamRecorder: @unchecked Sendable {
  // Exception: unchecked because subclasses hold memory; this base has no state.

  /// Keeps nothing.
  public init() {}

  /// What was kept when the node started.
  open func records() -> [StreamRecord] { [] }

  /// What was kept of DASH presentations when the node started.
  open func manifestRecords() -> [ManifestRecord] { [] }

  /// Keeps a record in the place of the one of the same presentation.
  open func write(_ record: ManifestRecord) {}

  /// Keeps a record in the place of the one of the same name, before what it says is sent.
  open func write(_ record: StreamRecord) {}
}
