import Streams
import Testing

@Suite struct `A container check` {
  static let bodies: [(name: String, body: [UInt8], verdict: ContainerCheck.Verdict)] = [
    ("init segment", Samples.box("ftyp", size: 28) + Samples.box("moov", size: 507), .closed),
    ("HLS segment", Samples.hlsSegment, .closed),
    ("CMAF chunks with prft and emsg", Samples.cmafChunks, .closed),
    ("truncated mdat", Samples.hlsSegment.dropLast(1) + [], .open),
    ("cut inside a later header", Samples.hlsSegment.dropLast(357) + [], .open),
    ("cut between boxes", Samples.hlsSegment.dropLast(361) + [], .closed),
    ("trailing garbage", Samples.hlsSegment + [1, 2, 3], .open),
    ("size below the header's", Samples.box("styp", size: 24) + [0, 0, 0, 7, 1, 2, 3, 4], .open),
    (
      "64-bit size",
      Samples.box("moof", size: 100)
        + Samples.largeBox("mdat", size: 316, payload: 300), .closed
    ),
    (
      "64-bit size, cut",
      Samples.box("moof", size: 100)
        + Samples.largeBox("mdat", size: 316, payload: 299), .open
    ),
    (
      "64-bit size beyond every file",
      Samples.box("moof", size: 100)
        + Samples.largeBox("mdat", size: .max, payload: 64), .open
    ),
    (
      "64-bit size below the header's",
      Samples.box("moof", size: 100)
        + Samples.largeBox("mdat", size: 15, payload: 64), .open
    ),
    ("64-bit size in the first box", Samples.largeBox("moof", size: 24, payload: 8), .closed),
    ("first 64-bit size cut", [0, 0, 0, 1] + Array("moof".utf8) + [0, 0, 0], .open),
    (
      "size 0 to the end",
      Samples.box("moof", size: 100)
        + Samples.endlessBox("mdat", payload: 77), .closed
    ),
    ("empty boxes", Samples.box("free", size: 8) + Samples.box("free", size: 8), .closed),
    ("first box only", Samples.box("styp", size: 24), .closed),
    ("cut first box", Samples.box("styp", size: 24).dropLast(5) + [], .open),
    ("cut first header", Array(Samples.hlsSegment.prefix(7)), .unknown),
    ("box that starts no segment", Samples.box("mdat", size: 100), .unknown),
    ("empty body", [], .unknown),
    ("transport stream", Samples.transportStream(packets: 9), .closed),
    ("shortest transport stream", Samples.transportStream(packets: 3), .closed),
    ("transport stream with a cut", Samples.transportStream(packets: 9).dropLast(1) + [], .open),
    ("transport stream with one byte more", Samples.transportStream(packets: 9) + [0x47], .open),
    ("two packets are no proof", Samples.transportStream(packets: 2), .unknown),
    ("a byte at 376 is", Array(Samples.transportStream(packets: 3).prefix(377)), .open),
    (
      "transport stream that lost its sync",
      Samples.transportStream(packets: 4) + [0] + Samples.transportStream(packets: 4), .open
    ),
    ("0x47 at 0 alone", [0x47] + Array(repeating: 0, count: 900), .unknown),
    ("AES-128 transport stream", Samples.encryptedSegment, .unknown),
    ("WebVTT", Samples.subtitles, .unknown),
    ("ID3 audio", Samples.packedAudio, .unknown),
    ("JPEG", [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46], .unknown),
  ]

  @Test(arguments: bodies)
  func `knows whether a container ends with its body`(
    name: String, body: [UInt8], verdict: ContainerCheck.Verdict
  ) {
    #expect(ContainerCheck.verdict(on: body) == verdict, "\(name)")
  }

  @Test(arguments: bodies)
  func `gives the same verdict however the body is cut`(
    name: String, body: [UInt8], verdict: ContainerCheck.Verdict
  ) {
    for cut in 0...body.count {
      #expect(ContainerCheck.verdict(on: body, cuts: [cut]) == verdict, "\(name) at \(cut)")
    }
    let bytewise = Array(1..<max(body.count, 1))
    #expect(ContainerCheck.verdict(on: body, cuts: bytewise) == verdict, "\(name), byte by byte")
  }

  @Test(arguments: ["ftyp", "styp", "sidx", "emsg", "prft", "moof", "moov", "uuid", "free"])
  func `checks what starts with a box that may come first`(type: String) {
    let closed = Samples.box(type, size: 40)

    #expect(ContainerCheck.verdict(on: closed) == .closed)
    #expect(ContainerCheck.verdict(on: closed.dropLast()) == .open)
  }

  @Test func `says at which length the container would be open, all along`() {
    let body = Samples.hlsSegment
    let boxEnds: Set = [24, 76, 128, 508, 869]

    for length in 8...body.count {
      let verdict = ContainerCheck.verdict(on: Array(body.prefix(length)))
      #expect(verdict == (boxEnds.contains(length) ? .closed : .open), "\(length) bytes")
    }
  }

  @Test func `counts fragments that have come whole`() {
    let chunks = Samples.cmafChunks
    var check = ContainerCheck()
    var counts: [UInt32] = []
    for byte in chunks {
      check.feed([byte].span)
      if check.fragmentCount != counts.last ?? 0 { counts.append(check.fragmentCount) }
    }

    #expect(counts.count > 1 && counts == Array(1...UInt32(counts.count)))
    #expect(check.verdict == .closed)
  }

  @Test func `tells when it need not be fed any more`() {
    let text = Samples.subtitles
    let endless = Samples.endlessBox("moof", payload: 5)
    let segment = Samples.hlsSegment
    var ofText = ContainerCheck()
    var ofEndless = ContainerCheck()
    var ofSegment = ContainerCheck()

    ofText.feed(text.span)
    ofEndless.feed(endless.span)
    ofSegment.feed(segment.span)

    #expect(ofText.isDecided)
    #expect(ofEndless.isDecided)
    #expect(!ofSegment.isDecided)
  }
}
