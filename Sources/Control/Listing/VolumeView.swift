internal import Bytes
internal import Cache
internal import Policy

/// By what the stored heads of volumes are read: the configuration, the purges, the time.
struct VolumeView {
  let snapshot: Snapshot
  let purges: PurgeLog
  let wall: WallTime

  /// Whether it was purged since its origin request was sent.
  func isPurged(_ meta: ObjectMeta, _ primary: Hash128) -> Bool {
    guard let site = snapshot.site(named: meta.siteName) else { return true }
    return meta.isPurged(by: purges, primary: primary, site: site)
  }

  /// What the keys of all objects below a URL begin with.
  ///
  /// - Throws: what is wrong with the URL.
  func keyPrefix(ofURL url: String) throws(PurgeRequest.Mistake) -> [UInt8] {
    let (host, target) = try PurgeRequest.split(url, example: "http://live.example.com/vod/")
    guard let site = snapshot.site(forHost: Array(host.utf8).span) else {
      throw PurgeRequest.Mistake(message: "no site has the host \(host)")
    }
    var key: [UInt8] = []
    _ = CacheKey.begin(snapshot: snapshot, site: site, host: Array(host.utf8).span, in: &key)
    return key + Array(target.utf8)
  }
}
