internal import Bytes
public import Cache
internal import Loop
public import Store

// What operators see of the tier.
extension VolumeTier {
  /// Jobs that wait for the writer of a volume.
  public func jobsWaiting(volume: Int) -> Int { writers[volume].count }

  /// Whether a volume is sent from memory alone now.
  public func isInCopyMode(volume: Int) -> Bool { copyModes[volume].isOn(at: .read()) }

  /// The volume that the body of an object lies on; `nil` where it lies in memory.
  public func volume(ofBody object: CachedObject) -> Volume? {
    guard let body = object.body.file as? StoredBody else { return nil }
    return store.volumes[Int(body.volumeNumber)]
  }
}
