import Bytes
import Streams
import Testing

@Suite struct `A multivariant playlist` {
  /// Written by `ffmpeg -f hls -var_stream_map "a:0,agroup:aud v:0,agroup:aud v:1,agroup:aud"`.
  static let ladder = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="group_aud",NAME="en, us",DEFAULT=YES,URI="audio.m3u8"
    #EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="CC",INSTREAM-ID="CC1"
    #EXT-X-STREAM-INF:BANDWIDTH=900000,AVERAGE-BANDWIDTH=800000,RESOLUTION=1280x720,\
    CODECS="avc1.64001f,mp4a.40.2",AUDIO="group_aud"
    hi/media.m3u8

    #EXT-X-STREAM-INF:BANDWIDTH=300000,RESOLUTION=unknown
    # a comment
    lo/media.m3u8?a=b
    #EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1000,URI="trick.m3u8"
    stray.m3u8
    """

  @Test func `names its variants`() throws {
    let playlist = try #require(MultivariantPlaylist.read(Self.ladder))
    var high = Variant(uri: bytes("hi/media.m3u8"), bandwidth: 900_000)
    high.averageBandwidth = 800_000
    high.audio = bytes("group_aud")
    high.codecs = bytes("avc1.64001f,mp4a.40.2")
    (high.width, high.height) = (1280, 720)

    #expect(
      playlist.variants == [high, Variant(uri: bytes("lo/media.m3u8?a=b"), bandwidth: 300_000)])
  }

  @Test func `names its renditions`() throws {
    let playlist = try #require(MultivariantPlaylist.read(Self.ladder))

    #expect(
      playlist.media == [
        MediaRendition(
          type: bytes("AUDIO"), group: bytes("group_aud"), name: bytes("en, us"),
          uri: bytes("audio.m3u8"), isDefault: true),
        MediaRendition(type: bytes("CLOSED-CAPTIONS"), group: bytes("cc"), name: bytes("CC")),
      ])
  }

  @Test func `survives numbers beyond all measure`() throws {
    let playlist = try #require(
      MultivariantPlaylist.read(
        "#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=99999999999999999999,"
          + "RESOLUTION=18446744073709551615x1\r\na\r\n#EXT-X-STREAM-INF:\r\nb"))

    #expect(playlist.variants.map(\.bandwidth) == [0, 0])
    #expect(playlist.variants[0].width == nil)
    #expect(playlist.variants[0].height == 1)
    #expect(playlist.variants.map(\.uri) == [bytes("a"), bytes("b")])
  }

  @Test(arguments: [
    "", "#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1\na",
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXTINF:2,\nb",
    "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO\n#EXT-X-TARGETDURATION:2",
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n" + String(repeating: "x", count: 1 << 20),
    "#EXTM3U\n" + String(repeating: "#EXT-X-STREAM-INF:\na\n", count: 1025),
    "#EXTM3U\n" + String(repeating: "#EXT-X-MEDIA:\n", count: 1025),
  ])
  func `that cannot be right is none`(text: String) {
    #expect(MultivariantPlaylist.read(text) == nil)
  }
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

extension MultivariantPlaylist {
  /// The playlist written as text.
  fileprivate static func read(_ text: String) -> MultivariantPlaylist? {
    read(Array(text.utf8).span)
  }
}
