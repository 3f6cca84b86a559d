import Bytes

/// A media playlist with some of everything, the same for the same seed.
struct MadeUpPlaylist {
  private var random: RandomSource
  private var lines: [String] = []

  /// The playlist of a seed.
  static func body(seed: UInt64) -> String {
    var made = MadeUpPlaylist(random: RandomSource(seed: seed))
    return made.make()
  }

  private init(random: RandomSource) { self.random = random }

  private mutating func make() -> String {
    addFront()
    for number in 0..<Int.random(in: 0...40, using: &random) {
      addTags(of: number)
      addSegment(number)
    }
    addTail()
    let end = chance(20) ? "\r\n" : "\n"
    return lines.joined(separator: end) + (chance(80) ? end : "")
  }

  /// Whether something happens that does in so many of a hundred.
  private mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func add(_ line: String, _ percent: Int) {
    if chance(percent) { lines.append(line) }
  }

  private mutating func addFront() {
    lines.append("#EXTM3U")
    add("#EXT-X-VERSION:\(Int.random(in: 3...12, using: &random))", 70)
    add("# made up", 30)
    lines.append("#EXT-X-TARGETDURATION:4")
    add("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=24.0", 60)
    add("#EXT-X-PART-INF:PART-TARGET=1.0", 50)
    add("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"", 30)
    add("#EXT-X-MEDIA-SEQUENCE:\(UInt32.random(in: 0...9999, using: &random))", 80)
    add("#EXT-X-DISCONTINUITY-SEQUENCE:\(UInt32.random(in: 0...9, using: &random))", 40)
    add("#EXT-X-SKIP:SKIPPED-SEGMENTS=\(UInt32.random(in: 0...9, using: &random))", 10)
    add("#EXT-X-PLAYLIST-TYPE:EVENT", 20)
  }

  private mutating func addTags(of number: Int) {
    let first = number == 0 ? 60 : 0
    let kin = ["AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"].randomElement(using: &random) ?? "NONE"
    let isKeyFirst = chance(50)
    add("#EXT-X-DISCONTINUITY", 10)
    for step in 0..<2 {
      if isKeyFirst == (step == 0) {
        add("#EXT-X-KEY:METHOD=\(kin),URI=\"k\(number)\"", 10 + first)
        add("#EXT-X-KEY:METHOD=\(kin),KEYFORMAT=\"x\",URI=\"x\(number)\"", 8)
        add("#EXT-X-KEY:METHOD=NONE", 4)
      } else {
        add("#EXT-X-MAP:URI=\"i\(number).mp4\"", 10 + first)
        add("#EXT-X-MAP:URI=\"all.mp4\",BYTERANGE=\"\(number + 1)@0\"", 5)
      }
    }
    add("#EXT-X-DATERANGE:ID=\"\(number)\",START-DATE=\"2026-11-26T03:16:46Z\"", 10)
    let second = 10 + number
    add("#EXT-X-PROGRAM-DATE-TIME:2026-11-26T03:16:\(second).123+0100", 20)
    add("#EXT-X-UNKNOWN:\(number)", 10)
    add("", 5)
  }

  private mutating func addSegment(_ number: Int) {
    let isRange = chance(30)
    if chance(30) { addParts(of: number, count: 4) }
    add("#EXT-X-GAP", 8)
    if isRange { lines.append("#EXT-X-BYTERANGE:\(100 + number)\(chance(30) ? "@\(number)" : "")") }
    lines.append("#EXTINF:\(Int.random(in: 0...4, using: &random)).\(number),a, title")
    add("# between", 10)
    lines.append(isRange ? "all.mp4" : "s\(number).mp4?a=b")
    add("stray.mp4", 3)
    add("#EXT-X-ENDLIST", 1)
  }

  private mutating func addParts(of number: Int, count: Int) {
    let isRange = chance(40)
    for part in 0..<count {
      let uri = isRange ? "all.mp4\",BYTERANGE=\"\(part + 1)" : "p\(number).\(part).mp4"
      let gap = chance(10) ? ",GAP=YES" : ""
      lines.append("#EXT-X-PART:DURATION=1.0,URI=\"\(uri)\"\(gap)")
    }
  }

  private mutating func addTail() {
    add("#EXT-X-DISCONTINUITY", 5)
    add("#EXT-X-MAP:URI=\"next.mp4\"", 5)
    if chance(50) { addParts(of: 99, count: 2) }
    add("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"p99.2.mp4\"", 40)
    add("#EXT-X-RENDITION-REPORT:URI=\"../lo.m3u8\",LAST-MSN=99,LAST-PART=1", 40)
    add("#EXT-X-ENDLIST", 20)
  }
}
