/// Every fuzz target by the name of its folders; fuzzers and the replay of their corpora meet here.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case requestHead = "FuzzRequestHead"
  case responseHead = "FuzzResponseHead"
  case chunked = "FuzzChunked"
  case cacheControl = "FuzzCacheControl"
  case range = "FuzzRange"
  case field = "FuzzField"
  case structured = "FuzzStructured"
  case container = "FuzzContainer"
  case playlist = "FuzzPlaylist"
  case manifest = "FuzzManifest"
  case mediaPlaylist = "FuzzMediaPlaylist"
  case playlistText = "FuzzPlaylistText"
  case uriRewrite = "FuzzURIRewrite"
  case blockingReload = "FuzzBlockingReload"
  case multivariant = "FuzzMultivariant"
  case manifestText = "FuzzManifestText"
  case segmentSeries = "FuzzSegmentSeries"
  case presentation = "FuzzPresentation"
  case fragment = "FuzzFragment"
  case indexRecord = "FuzzIndexRecord"
  case objectMeta = "FuzzObjectMeta"
  case purges = "FuzzPurges"
  case streamRecord = "FuzzStreamRecord"
  case canary = "FuzzCanary"

  /// Traps if these bytes break the target's property.
  public func check(_ bytes: [UInt8]) {
    switch self {
    case .requestHead: RequestHeadProperty.check(bytes)
    case .responseHead: ResponseHeadProperty.check(bytes)
    case .chunked: ChunkedProperty.check(bytes)
    case .cacheControl: CacheControlProperty.check(bytes)
    case .range: RangeProperty.check(bytes)
    case .field: FieldProperty.check(bytes)
    case .structured: StructuredProperty.check(bytes)
    case .container: ContainerProperty.check(bytes)
    case .playlist: PlaylistProperty.check(bytes)
    case .manifest: ManifestProperty.check(bytes)
    case .mediaPlaylist: MediaPlaylistProperty.check(bytes)
    case .playlistText: PlaylistTextProperty.check(bytes)
    case .uriRewrite: URIRewriteProperty.check(bytes)
    case .blockingReload: BlockingReloadProperty.check(bytes)
    case .multivariant: MultivariantProperty.check(bytes)
    case .manifestText: ManifestTextProperty.check(bytes)
    case .segmentSeries: SegmentSeriesProperty.check(bytes)
    case .presentation: PresentationProperty.check(bytes)
    case .fragment: FragmentProperty.check(bytes)
    case .indexRecord: IndexRecordProperty.check(bytes)
    case .objectMeta: ObjectMetaProperty.check(bytes)
    case .purges: PurgesProperty.check(bytes)
    case .streamRecord: StreamRecordProperty.check(bytes)
    case .canary: CanaryProperty.check(bytes)
    }
  }
}
