internal import Bytes
internal import Policy

extension Configuration {
  /// What a node with this configuration would do with a request; what it stores is unknown here.
  ///
  /// - Throws: Why the configuration cannot be compiled.
  public func explain(_ request: ExplainRequest) throws(ExplainRequest.Mistake) -> Explanation {
    do throws(SnapshotError) {
      let explainer = Explainer(
        snapshot: try compile(), table: nil, tier: nil, streams: nil, now: .read(), wall: .read())
      return explainer.explain(request)
    } catch {
      throw ExplainRequest.Mistake(message: "the configuration cannot be compiled: \(error)")
    }
  }
}
