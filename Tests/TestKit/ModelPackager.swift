/// A made-up packager of low-latency HLS: what its playlist says at a moment, by a formula.
public struct ModelPackager: Sendable {
  /// The number of its first segment, which began at zero.
  public var firstNumber = 0
  /// How its segments and parts are called.
  public var prefix = "s"
  /// How long a part is, in milliseconds.
  public static let part = 500
  /// How many parts a segment has.
  public static let partCount = 4
  /// How many segments it lists.
  private static let windowCount = 20

  /// A packager.
  public init(firstNumber: Int = 0, prefix: String = "s") {
    self.firstNumber = firstNumber
    self.prefix = prefix
  }

  /// Parts that are whole at `time`.
  public func parts(at time: Int) -> Int { time / ModelPackager.part }

  /// When a state of the playlist is there: the part, or the whole segment.
  public func time(ofSegment number: Int, part: Int?) -> Int {
    let segment = (number - firstNumber) * ModelPackager.partCount
    return (segment + (part.map { $0 + 1 } ?? ModelPackager.partCount)) * ModelPackager.part
  }

  /// Its playlist with so many parts.
  public func playlist(parts: Int) -> String {
    let whole = parts / ModelPackager.partCount
    let first = max(0, whole - ModelPackager.windowCount)
    var text = "#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n"
    text += "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.5,CAN-SKIP-UNTIL=12\n"
    text += "#EXT-X-PART-INF:PART-TARGET=0.5\n#EXT-X-MEDIA-SEQUENCE:\(firstNumber + first)\n"
    text += "#EXT-X-MAP:URI=\"init.mp4\"\n"
    for index in first..<whole {
      if index >= whole - 2 { text += lines(of: index, parts: ModelPackager.partCount) }
      text += "#EXTINF:2.000,\n\(prefix)\(firstNumber + index).m4s\n"
    }
    let tail = parts % ModelPackager.partCount
    text += lines(of: whole, parts: tail)
    text += "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"\(name(whole, tail))\"\n"
    text += "#EXT-X-RENDITION-REPORT:URI=\"b.m3u8\",LAST-MSN=\(firstNumber + whole),LAST-PART=0\n"
    return text
  }

  private func lines(of index: Int, parts: Int) -> String {
    (0..<parts).map { "#EXT-X-PART:DURATION=0.5,URI=\"\(name(index, $0))\"\n" }.joined()
  }

  private func name(_ index: Int, _ part: Int) -> String {
    "\(prefix)\(firstNumber + index).\(part).m4s"
  }
}
