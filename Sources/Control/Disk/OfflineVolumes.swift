internal import Bytes
internal import Cache
internal import Loop
internal import Policy
internal import Store

/// The configured volumes while no node has them: what `spillway cache` works on.
///
/// Every call blocks.
public struct OfflineVolumes {
  /// What is to be done with them.
  public enum Task: Sendable {
    /// Compare every byte with its checksum.
    case verify
    /// Build the index anew.
    case rebuild
    /// List what is there.
    case list
  }

  /// Why it cannot be done.
  public struct Failure: Error, Equatable, Sendable {
    /// What is wrong and what to do.
    public let message: String
  }

  private let store: ObjectStore
  private let view: VolumeView

  /// Opens them; nothing is made, and only a rebuild changes anything.
  ///
  /// - Throws: what keeps one from being opened: a node that runs, most of all.
  public init(_ configuration: Configuration, for task: Task) throws(Failure) {
    let disk = configuration.disk
    guard !disk.volumes.isEmpty else {
      throw Failure(message: "the configuration has no [[cache.volume]]")
    }
    do throws(StoreError) {
      store = try ObjectStore.open(
        StoreSettings(
          indexDirectory: disk.index, volumes: disk.volumes.map { ($0.path, UInt64($0.bytes)) },
          purpose: task == .rebuild ? .rebuilding : .looking),
        disk: SystemDisk())
    } catch {
      throw Failure(message: error.line)
    }
    guard task != .list || !store.needsRebuild else {
      throw Failure(
        message: "\(disk.index): it is not the index of these volumes; "
          + "run `spillway cache rebuild`, or start the node")
    }
    let snapshot: Snapshot
    do throws(SnapshotError) {
      snapshot = try configuration.compile()
    } catch {
      throw Failure(message: "the configuration cannot be compiled: \(error)")
    }
    view = VolumeView(
      snapshot: snapshot, purges: Self.purges(besides: disk.index, snapshot), wall: .read())
  }

  /// Compares every fragment with its checksum and its record.
  ///
  /// - Parameter progress: takes a line, after each zone.
  /// - Returns: what was found.
  /// - Throws: what keeps it from coming to the end.
  public func verify(_ progress: (String) -> Void) throws(Failure) -> VolumeSummary {
    do throws(StoreError) {
      let report = try store.makeScanner().verify { report in
        progress(
          "verify: \(report.zones) of \(report.zonesTotal) zones, "
            + "\(StatusReport.size(report.bytes)), \(report.bad) bad")
        return true
      }
      return VolumeSummary(
        report, paths: store.volumes.map(\.path), hasIndex: !store.needsRebuild)
    } catch {
      throw Failure(message: "the volumes cannot be verified: \(error)")
    }
  }

  /// Builds the index anew of what lies on the volumes.
  ///
  /// - Parameter progress: takes a line, now and then.
  /// - Returns: what was found.
  /// - Throws: what keeps it from coming to the end.
  public func rebuild(_ progress: (String) -> Void) throws(Failure) -> VolumeSummary {
    var last: RebuildProgress?
    do throws(StoreError) {
      try store.rebuild { step in
        last = step
        progress(
          "rebuild: \(step.zones) of \(step.zonesTotal) zones, \(step.fragments) fragments"
            + (step.objects > 0 ? ", \(step.objects) objects" : ""))
        return true
      }
      return VolumeSummary(last, objects: UInt64(store.directory.count))
    } catch {
      throw Failure(message: "the index cannot be built: \(error)")
    }
  }

  /// Hands out a line for each of at most `limit` objects, in the order of their hashes.
  ///
  /// - Parameters:
  ///   - prefix: the URL that they begin with; empty for all.
  ///   - limit: at least 1.
  ///   - json: an object a line instead of a table.
  ///   - write: takes text of whole lines.
  /// - Throws: what is wrong with the URL or with the volumes.
  public func list(
    prefix: String, limit: Int, json: Bool, _ write: (String) -> Void
  ) throws(Failure) {
    let key: [UInt8]
    do throws(PurgeRequest.Mistake) {
      key = prefix.isEmpty ? [] : try view.keyPrefix(ofURL: prefix)
    } catch {
      throw Failure(message: error.message)
    }
    if !json { write(CacheEntry.heading) }
    var left = limit
    do throws(StoreError) {
      let scanner = try store.makeScanner()
      var cursor: IndexCursor?
      repeat {
        cursor = try scanner.list(from: cursor, limit: AdminLimits.listStep) { object in
          let path = store.volumes[Int(object.record.place.volume)].path
          let entry = CacheEntry(object, volume: path, view: view)
          guard left > 0, key.isEmpty || entry.key.utf8.starts(with: key) else { return }
          write(json ? entry.json : entry.text)
          left -= 1
        }
      } while cursor != nil && left > 0
    } catch {
      throw Failure(message: "the volumes cannot be listed: \(error)")
    }
  }

  /// The purges that hold, as the node would take them over; without their file all is purged.
  private static func purges(besides index: String, _ snapshot: Snapshot) -> PurgeLog {
    let purges = PurgeLog()
    do throws(SystemError) {
      let bytes = try PurgeFile(path: index + ".purges").read()
      if let bytes, purges.restore(bytes.span, site: { snapshot.site(named: $0) }) {
        return purges
      }
    } catch {
      // What cannot be read counts as missing here as it does for a node.
    }
    purges.forgetEverything(before: UInt64(max(0, WallTime.read().milliseconds)) * 1000)
    return purges
  }
}
