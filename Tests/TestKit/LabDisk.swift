import Bytes
public import Delivery
import Glibc
public import Store

/// A folder that is removed, with the volume in it, when nobody needs it any more.
public final class LabFolder {
  /// Its path.
  public let path: String

  /// Makes a folder under `parent`.
  public init(under parent: String = "/tmp") {
    var name = Array((parent + "/spillway-lab-XXXXXX").utf8CString)
    guard mkdtemp(&name) != nil else {
      preconditionFailure("no folder can be made under \(parent)")
    }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["index/data.mdb", "index/lock.mdb", "index/unfinished", "volume"] {
      unlink(path + "/" + name)
    }
    rmdir(path + "/index")
    rmdir(path)
  }
}

/// A volume and its index in a folder, for an edge whose jobs run in the scenario's one thread.
///
/// Another one of the same folder is what a later process finds: the first must be gone by then.
public final class LabDisk {
  /// The tier: give it to `Lab.edge`.
  public let tier: VolumeTier
  /// The store behind it.
  public let store: ObjectStore

  /// Opens or makes a volume of `bytes`.
  public init(in folder: LabFolder, bytes: Int = 32 << 20, disk: Disk = SystemDisk()) {
    let settings = StoreSettings(
      indexDirectory: folder.path + "/index", volumes: [(folder.path + "/volume", UInt64(bytes))],
      indexMapBytes: 1 << 30)
    do {
      store = try ObjectStore.open(settings, disk: disk)
      if store.needsRebuild {
        try store.rebuild { _ in true }
      } else {
        try store.fillDirectory { _ in true }
      }
      tier = try VolumeTier(store, isThreaded: false)
    } catch {
      preconditionFailure("the lab's volume does not open: \(error)")
    }
  }
}
