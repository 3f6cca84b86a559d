/// What the demo waits for at most, and how often it looks.
enum DemoLimits {
  /// Until the first segments are published: a slow machine takes a while to start six encodes.
  static let publicationWaitMilliseconds = 45_000
  /// Until a server accepts connections.
  static let serverWaitMilliseconds = 15_000
  /// Between two looks at what is being waited for; a signal or a child's death ends it early.
  static let lookMilliseconds = 100
  /// Until children that were asked to end are killed.
  static let farewellMilliseconds = 3_000
  /// How long one request of the demo's own may take.
  static let requestMilliseconds = 2_000
  /// How much of an answer or a log is read: only their start or end is of interest.
  static let readBytesMax = 65_536
  /// Segments a playlist names before the page is worth opening: players start three from the end.
  static let segmentsBeforeOpening = 3
  /// Lines of a log that are shown when its writer has died.
  static let lastWordsLines = 5
  /// How deep the demo's folder may nest when it is removed; it is three deep.
  static let folderDepthMax = 8
}
