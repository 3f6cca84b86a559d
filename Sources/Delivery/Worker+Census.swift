internal import Bytes
internal import Origin

/// What a worker holds at one moment: where a leak would show.
public struct WorkerCensus: Equatable, Sendable {
  /// Open viewer connections.
  public var viewers: Int
  /// Objects for which exchanges wait.
  public var followedObjects: Int
  /// Chunks of the pool that are in use; an idle worker keeps one, its scratch for copies.
  public var chunksOut: Int
  /// Fills and passes that run.
  public var fills: Int
  /// Fetches that run.
  public var fetches: Int

  /// A worker that holds nothing.
  public static let nothing = WorkerCensus(
    viewers: 0, followedObjects: 0, chunksOut: 0, fills: 0, fetches: 0)
}

extension Worker {
  /// Counts what the worker holds; on its thread.
  public var census: WorkerCensus {
    WorkerCensus(
      viewers: viewerCount, followedObjects: followers.count,
      chunksOut: chunks.outCount - (copyScratch.hasMemory ? 1 : 0), fills: fills.count,
      fetches: origins.fetchCount)
  }

  /// The worker was told to drain, and nothing runs any more; on its thread.
  public var isDrained: Bool { isDraining && viewerCount == 0 && !fills.isBusy }
}
