internal import Bytes
internal import Streams

/// A segment of a live template, as a fetch knows it.
public struct SegmentName: Hashable, Sendable {
  /// The template.
  let template: Hash128
  /// The number or time.
  let value: UInt64
}

/// The live edges of all templates that manifests have named.
///
/// Bounded: those that nobody used for a minute go first, then all.
struct SegmentEdges: Sendable {
  private var edges: [Hash128: SegmentEdge] = [:]

  /// Learns the templates of a manifest that is sent.
  mutating func learn(_ all: [SegmentSeries], site: Int, at now: Instant) {
    var byTemplate: [Hash128: [SegmentSeries]] = [:]
    for series in all {
      let path = series.path
      let template = SegmentEdges.hash(
        path.prefix.span, path.suffix.span, site: site, epoch: series.epoch)
      // The newest period comes first.
      if (byTemplate[template]?.count ?? 0) < 2 {
        byTemplate[template, default: []].append(series)
      }
    }
    for (template, series) in byTemplate {
      if edges[template] == nil { makeRoom(at: now) }
      edges[template, default: SegmentEdge(at: now)].learn(series, at: now)
    }
  }

  /// The name of a path; `nil` where no template makes it, or more than one could.
  func name(of path: Span<UInt8>, site: Int, epoch: Int) -> SegmentName? {
    guard !edges.isEmpty else { return nil }
    var name: SegmentName?
    for place in SegmentPath.places(in: path) {
      let template = SegmentEdges.hash(
        path.extracting(0..<place.lowerBound), path.extracting(place.upperBound..<path.count),
        site: site, epoch: epoch)
      guard let value = edges[template]?.series.first?.path.value(in: path) else { continue }
      guard name == nil else { return nil }
      name = SegmentName(template: template, value: value)
    }
    return name
  }

  /// What is known of a segment's template; `nil` where that was forgotten.
  subscript(_ name: SegmentName) -> SegmentEdge? {
    get { edges[name.template] }
    _modify { yield &edges[name.template] }
  }

  private mutating func makeRoom(at now: Instant) {
    guard edges.count >= OriginLimits.segmentTemplatesMax else { return }
    edges = edges.filter { now - $0.value.usedAt < OriginLimits.segmentTemplateMemory }
    if edges.count >= OriginLimits.segmentTemplatesMax { edges = [:] }
  }

  private static func hash(
    _ prefix: Span<UInt8>, _ suffix: Span<UInt8>, site: Int, epoch: Int
  ) -> Hash128 {
    let seed = UInt64(truncatingIfNeeded: site) << 32 ^ UInt64(truncatingIfNeeded: epoch)
    return Hash128(of: prefix, seed: seed).combined(with: suffix)
  }
}
