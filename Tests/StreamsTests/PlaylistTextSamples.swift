/// Media playlists as packagers write them, and one with all that there is.
enum PlaylistTextSamples {
  /// Written by `ffmpeg -f hls -hls_segment_type fmp4 -hls_list_size 3
  /// -hls_flags independent_segments+program_date_time+omit_endlist`.
  static let fragments = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:1
    #EXT-X-INDEPENDENT-SEGMENTS
    #EXT-X-MAP:URI="init.mp4"
    #EXTINF:2.000000,
    #EXT-X-PROGRAM-DATE-TIME:2026-11-26T03:16:46.021+0000
    fmp41.m4s
    #EXTINF:2.000000,
    #EXT-X-PROGRAM-DATE-TIME:2026-11-26T03:16:48.021+0000
    fmp42.m4s
    #EXTINF:2.000000,
    #EXT-X-PROGRAM-DATE-TIME:2026-11-26T03:16:50.021+0000
    fmp43.m4s

    """

  /// Written by two runs of `ffmpeg -f hls -hls_flags append_list`.
  static let transportStream = """
    #EXTM3U
    #EXT-X-VERSION:3
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:3
    #EXTINF:2.000000,
    app3.ts
    #EXT-X-DISCONTINUITY
    #EXTINF:2.000000,
    app4.ts
    #EXTINF:2.000000,
    app5.ts
    #EXT-X-ENDLIST

    """

  /// Written by `ffmpeg -f hls -hls_key_info_file k.info -hls_flags discont_start`.
  static let encrypted = """
    #EXTM3U
    #EXT-X-VERSION:3
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:0
    #EXT-X-DISCONTINUITY
    #EXT-X-KEY:METHOD=AES-128,URI="https://k.example/k.key",IV=0x00112233445566778899aabbccddeeff
    #EXTINF:2.000000,
    aes0.ts
    #EXTINF:2.000000,
    aes1.ts
    #EXT-X-ENDLIST

    """

  /// Written by `ffmpeg -f hls -hls_playlist_type vod -hls_segment_type fmp4
  /// -hls_flags single_file`.
  static let oneFile = """
    #EXTM3U
    #EXT-X-VERSION:7
    #EXT-X-TARGETDURATION:2
    #EXT-X-MEDIA-SEQUENCE:0
    #EXT-X-PLAYLIST-TYPE:VOD
    #EXT-X-MAP:URI="range.m4s",BYTERANGE="814@0"
    #EXTINF:2.000000,
    #EXT-X-BYTERANGE:5103@814
    range.m4s
    #EXTINF:2.000000,
    #EXT-X-BYTERANGE:4875@5917
    range.m4s
    #EXT-X-ENDLIST

    """

  /// Made up: low latency, with keys, date ranges, variables and unknown tags.
  static let lowLatency = """
    #EXTM3U
    #EXT-X-VERSION:9
    #EXT-X-TARGETDURATION:4
    #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=3.0,CAN-SKIP-UNTIL=24.0
    #EXT-X-PART-INF:PART-TARGET=1.0
    #EXT-X-DEFINE:NAME="base",VALUE="https://media.example.com"
    # by hand
    #EXT-X-MEDIA-SEQUENCE:100
    #EXT-X-DISCONTINUITY-SEQUENCE:7
    #EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://one",KEYFORMAT="com.apple.streamingkeydelivery"
    #EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,QQ==",KEYFORMAT="urn:uuid:edef8ba9"
    #EXT-X-MAP:URI="{$base}/init.mp4"
    #EXT-X-NEW-TAG:1
    #EXTINF:4.0,
    s100.mp4
    #EXT-X-DATERANGE:ID="ad",START-DATE="2026-11-26T03:16:46Z"
    #EXTINF:4.0,
    s101.mp4
    #EXT-X-DISCONTINUITY
    #EXT-X-MAP:URI="init2.mp4"
    #EXT-X-PART:DURATION=1.0,URI="p102.0.mp4",INDEPENDENT=YES
    #EXT-X-PART:DURATION=1.0,URI="p102.1.mp4",GAP=YES
    # a comment
    #EXTINF:2.0,a title
    s102.mp4
    #EXT-X-KEY:METHOD=NONE
    #EXT-X-GAP
    #EXTINF:4.0,
    s103.mp4
    #EXT-X-PART:DURATION=1.0,URI="p104.0.mp4"
    #EXT-X-PRELOAD-HINT:TYPE=PART,URI="p104.1.mp4"
    #EXT-X-RENDITION-REPORT:URI="../lo/index.m3u8",LAST-MSN=104,LAST-PART=0

    """

  static let all = [fragments, transportStream, encrypted, oneFile, lowLatency]
}
