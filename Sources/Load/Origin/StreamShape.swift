/// What the streams look like that the tool makes up as an origin.
public struct StreamShape: Sendable, Equatable {
  /// Video renditions: the first so many of `bandwidths`.
  public var renditions = 6
  /// Length of a segment in milliseconds.
  public var segment: Int64 = 2_000
  /// Parts (HLS) or chunks (DASH) of a segment in the low-latency streams.
  public var parts: Int64 = 4
  /// Segments that a live playlist lists.
  public var window: Int64 = 6
  /// Segments of the streams on demand.
  public var episode: Int64 = 30

  /// Bits a second of the video renditions: a usual ladder.
  public static let bandwidths: [Int64] = [
    400_000, 800_000, 1_500_000, 2_500_000, 4_000_000, 6_000_000,
  ]
  /// When segment 0 began, in milliseconds of Unix time.
  ///
  /// Not a whole second: encoders begin when they are started, and a cache that counts lifetimes in
  /// whole seconds must not be in step with them by chance.
  static let epoch: Int64 = 370
  /// Bits a second of the audio.
  static let audioBandwidth: Int64 = 128_000

  /// The usual shape: six renditions and audio in segments of two seconds.
  public init() {}

  /// - Throws: `LoadError.usage` for numbers that make no sense.
  func check() throws(LoadError) {
    guard (1...StreamShape.bandwidths.count).contains(renditions) else {
      throw .usage("--renditions is 1 to \(StreamShape.bandwidths.count)")
    }
    guard (400...20_000).contains(segment), segment % (parts * 100) == 0 else {
      throw .usage("--segment is 400ms to 20s, in steps of 400ms")
    }
  }

  /// Length of a part in milliseconds.
  var part: Int64 { segment / parts }

  /// Length of a segment of this many bits a second, in bytes.
  func bytes(_ bandwidth: Int64, of milliseconds: Int64) -> Int {
    Int(bandwidth * milliseconds / 8000)
  }
}

/// What the made-up origin does wrong from some time on, so that it can be seen who notices.
public enum StreamFault: String, Sendable, CaseIterable {
  /// Playlists and manifests go on being answered and do not change any more.
  case freeze
  /// Segments are half as long as they should be, in answers that are whole.
  case truncate
  /// Answers with segments break off in the middle.
  case cut
  /// Playlists and manifests are those of twenty segments before.
  case rewind
}

/// A fault and when it begins.
public struct PlannedFault: Sendable, Equatable {
  /// What goes wrong.
  public let fault: StreamFault
  /// After how many nanoseconds of the run.
  public let after: Int64

  /// Plans a fault.
  public init(_ fault: StreamFault, after: Int64) {
    self.fault = fault
    self.after = after
  }
}
