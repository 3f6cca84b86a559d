public import Policy

extension Configuration {
  /// Compiles what workers judge by.
  ///
  /// A decoded configuration compiles; the error is for one that was built by hand.
  public func compile() throws(SnapshotError) -> Snapshot {
    try Snapshot(NodeSettings(name: name, cache: cache, origins: origins, sites: sites))
  }
}
