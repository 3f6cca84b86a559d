/// The streams that the made-up origin has: the folders below its root.
enum StreamKind: String, CaseIterable {
  case hlsFragments = "hls/fmp4"
  case hlsPackets = "hls/ts"
  case hlsLowLatency = "hls/ll"
  case hlsOnDemand = "hls/vod"
  case dashNumber = "dash/number"
  case dashTimeline = "dash/timeline"
  case dashLowLatency = "dash/ll"
  case dashOnDemand = "dash/vod"

  var isHLS: Bool { rawValue.hasPrefix("hls") }
  var isLive: Bool { self != .hlsOnDemand && self != .dashOnDemand }
  /// Audio is in the video's segments, as it mostly is in transport streams.
  var isMuxed: Bool { self == .hlsPackets }
  /// How the names of segments end.
  var suffix: String { self == .hlsPackets ? ".ts" : ".m4s" }
}

/// What a path of the made-up origin names.
struct StreamName: Equatable {
  /// What is asked for within a stream.
  enum Object: Equatable {
    /// The multivariant playlist or the manifest.
    case main
    /// The media playlist of a track.
    case playlist(track: Int)
    /// The initialization segment of a track.
    case initialization(track: Int)
    /// A segment by its number.
    case segment(track: Int, number: Int64)
    /// A part of a segment, counted from 0.
    case part(track: Int, number: Int64, part: Int64)
  }

  let kind: StreamKind
  let object: Object

  /// The track number of the audio; video renditions count from 0.
  static let audio = -1

  /// Reads a path; `nil` for what there is not.
  ///
  /// The stream lies anywhere below the root, so that a site of any path can lead here.
  init?(path: String, shape: StreamShape) {
    let words = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    let isMain = words.last == "main.m3u8" || words.last == "main.mpd"
    let depth = isMain ? 3 : 4
    guard words.count >= depth else { return nil }
    let own = words.suffix(depth)
    let folder = own.prefix(2).joined(separator: "/")
    guard let kind = StreamKind(rawValue: folder) else { return nil }
    self.kind = kind
    let file = words[words.count - 1]
    if isMain {
      guard kind.isHLS == (file == "main.m3u8") else { return nil }
      object = .main
      return
    }
    guard let track = StreamName.track(words[words.count - 2], shape),
      let object = StreamName.object(file, track: track, of: kind, shape)
    else { return nil }
    self.object = object
  }

  private static func track(_ folder: String, _ shape: StreamShape) -> Int? {
    if folder == "audio" { return audio }
    guard folder.hasPrefix("v"), let number = Int(folder.dropFirst()),
      (0..<shape.renditions).contains(number)
    else { return nil }
    return number
  }

  private static func object(
    _ file: String, track: Int, of kind: StreamKind, _ shape: StreamShape
  ) -> Object? {
    if file == "live.m3u8" { return kind.isHLS ? .playlist(track: track) : nil }
    if file == "init.mp4" { return kind.isMuxed ? nil : .initialization(track: track) }
    guard file.hasSuffix(kind.suffix) else { return nil }
    let numbers = file.dropLast(kind.suffix.count).split(
      separator: ".", omittingEmptySubsequences: false)
    // No number of a segment or a time of this millennium is as large: products stay in bounds.
    guard let first = numbers.first, let number = Int64(first), (0..<1 << 44).contains(number)
    else { return nil }
    if kind == .dashTimeline {
      guard numbers.count == 1, number % shape.segment == 0 else { return nil }
      return .segment(track: track, number: number / shape.segment)
    }
    if numbers.count == 1 { return .segment(track: track, number: number) }
    guard kind == .hlsLowLatency, numbers.count == 2, let part = Int64(numbers[1]),
      (0..<shape.parts).contains(part)
    else { return nil }
    return .part(track: track, number: number, part: part)
  }
}
