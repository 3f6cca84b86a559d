/// The encoder of one origin: ffmpeg, with a test source that shows the time.
///
/// Both encoders are told the same start, and everything in their output follows from it and from
/// the number of the frame: picture, timestamps, names. So they write the same bytes, and the two
/// origins are equal. Segments last 1.92 s: 48 pictures, and exactly 90 frames of sound, so that
/// the two never drift apart.
struct Encoder {
  /// When it starts, in seconds since 1970.
  let start: Int
  /// The folder that it publishes in.
  let folder: String

  private static let font = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf"

  /// The ladder: three sizes of the picture, bits a second.
  private static let renditions = [
    (size: "640:360", rate: "900k"), (size: "426:240", rate: "400k"),
    (size: "256:144", rate: "150k"),
  ]

  /// ffmpeg's arguments: one encode of each rendition, one set of CMAF segments, described by an
  /// HLS playlist and by a DASH MPD.
  func arguments(_ ffmpeg: String) -> [String] {
    var words = [ffmpeg, "-hide_banner", "-nostdin", "-loglevel", "warning"]
    words += ["-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"]
    words += ["-re", "-f", "lavfi", "-i", Encoder.beep]
    words += ["-filter_complex", pictures]
    for index in Encoder.renditions.indices { words += ["-map", "[v\(index)]"] }
    words += ["-map", "1:a"]
    words += ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"]
    words += ["-profile:v", "main", "-pix_fmt", "yuv420p", "-threads", "1"]
    words += ["-g", "48", "-keyint_min", "48", "-sc_threshold", "0"]
    for (index, rendition) in Encoder.renditions.enumerated() {
      words += ["-b:v:\(index)", rendition.rate]
    }
    words += ["-c:a", "aac", "-b:a", "64k", "-ac", "1"]
    words += ["-flags", "+bitexact", "-fflags", "+bitexact"]
    words += ["-f", "dash", "-seg_duration", "1.92", "-use_template", "1", "-use_timeline", "1"]
    words += ["-window_size", "8", "-extra_window_size", "8"]
    words += ["-init_seg_name", "\(start)-$RepresentationID$-init.mp4"]
    words += ["-media_seg_name", "\(start)-$RepresentationID$-$Number%05d$.m4s"]
    words += ["-adaptation_sets", "id=0,streams=v id=1,streams=a"]
    words += ["-hls_playlist", "1", "-hls_master_name", "master.m3u8", "\(folder)/live.mpd"]
    return words
  }

  /// A short tone at every full second.
  private static let beep =
    "aevalsrc=exprs='0.2*sin(880*PI*t)*lt(mod(t\\,1)\\,0.08)':sample_rate=48000:nb_samples=1024"

  /// The source with a clock in it, in all sizes.
  ///
  /// The clock is left out where there is no font.
  private var pictures: String {
    var graph = "[0:v]"
    if Files.exists(Encoder.font) {
      graph += """
        drawtext=fontfile=\(Encoder.font):fontsize=34:fontcolor=white:box=1:\
        boxcolor=black@0.65:boxborderw=12:x=24:y=h-72:\
        text='%{pts\\:gmtime\\:\(start)\\:%H\\\\\\:%M\\\\\\:%S} UTC',
        """
    }
    graph += "split=\(Encoder.renditions.count)"
    for index in Encoder.renditions.indices { graph += "[s\(index)]" }
    for (index, rendition) in Encoder.renditions.enumerated() {
      graph += ";[s\(index)]scale=\(rendition.size)[v\(index)]"
    }
    return graph
  }

  /// How many segments the playlist in `folder` of `workplace` names by now.
  static func segmentsPublished(in folder: String, of workplace: Workplace) -> Int {
    let last = Encoder.renditions.count
    let counts = (0...last).map { rendition in
      workplace.end(of: "\(folder)/media_\(rendition).m3u8")
        .split(separator: "\n").count { $0.hasPrefix("#EXTINF:") }
    }
    return counts.min() ?? 0
  }
}
