internal import ArgumentParser
internal import Load
internal import Loop

/// `spillway load viewers`.
struct LoadViewers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "viewers",
    abstract: "Let players watch a stream, and say what they see.",
    discussion: """
      Each player loads the multivariant playlist or manifest, picks a rendition, keeps up to 30 s \
      in store and plays: HLS with fMP4 or TS segments, live, on demand and low latency with \
      blocking reload; DASH with templates by number, with timelines and low latency. It has one \
      connection and asks for one thing at a time, audio and video in turn. Nothing is decoded.

      With --origin the tool makes up streams for the server to fetch from it. Segment n holds the \
      wall clock's time from 0.37 s and n times its length on. Their names, below any folder:
        hls/fmp4/main.m3u8  hls/ts/main.m3u8  hls/ll/main.m3u8  hls/vod/main.m3u8
        dash/number/main.mpd  dash/timeline/main.mpd  dash/ll/main.mpd  dash/vod/main.mpd

      What it prints:
        players             who came, those who took another's place included
        players who saw a picture, start-up
                            from pressing play to the first picture: percentiles, maximum, mean
        rebuffering         of the time since the first picture, how much it stood still
        stalls              how often it stood still for want of media; the longest of them
        played              what was watched, by all together
        rendition switches  changes of the video's rendition
        segments missed     gone from the playlist before they were asked for
        live latency        how far the picture is behind its recording, when media comes
        segments, playlists answers with media; with playlists and manifests
        cache hits          answers whose last Cache-Status member says "hit"
        body bytes          of all answers, without heads; in Mbit/s
        first byte          from a request for media to the answer's first byte
        first byte, fresh   the same for segments that ended less than 200 ms before
        playlist age        since the newest segment's end, when a playlist came
        origin requests     that reached the tool's own origin; publications: different states of \
      objects among them; a publication: the first for each of the second, 1 at best
        connects failed     connections that were refused
        error statuses      answers that were not 2xx
        answers malformed   answers that are no HTTP/1.1
        requests unanswered no whole answer within --timeout
        playlists unreadable
                            playlists and manifests that cannot be read
        sequence went back  violation: a playlist or manifest older than one before
        segments cut short  violation: media that ended before its length, or inside a box or packet
        playlists too old   violation: nothing new for more than three target durations, by \
      PROGRAM-DATE-TIME where there is one, else since the player first saw its last segment
        CPU time of this tool
                            its origin included
      """)

  @Argument(help: "The URL of a multivariant playlist, a media playlist or a DASH manifest.")
  var url: String

  @Option(name: .shortAndLong, help: "Players at a time.")
  var players = 100

  @Option(name: .shortAndLong, help: "Threads.")
  var threads = 1

  @Option(name: .shortAndLong, help: "For how long: 30s, 5m.")
  var duration = TimeArgument(milliseconds: 30_000)

  @Option(help: "Over what time the players come.")
  var join = TimeArgument(milliseconds: 5_000)

  @Option(help: "How many of a hundred players leave each second, others taking their places.")
  var churn = 0.0

  @Option(
    help: "The rendition: by measured throughput (auto), lowest, highest, or all alike (spread).")
  var rendition = WordArgument(RenditionPolicy.auto)

  @Flag(help: "Read media 1.25 times as fast as it plays, and no faster.")
  var pace = false

  @Option(help: "What players tell of themselves, in fields or in the query (CTA-5004).")
  var cmcd = WordArgument(CMCDMode.none)

  @Option(help: "Where the tool listens as the server's origin: 127.0.0.1:9000.")
  var origin: String?

  @Option(help: "How long each answer of that origin waits, as if it were far away.")
  var originDelay: TimeArgument?

  @Option(
    help: """
      What that origin does wrong, and from when on: freeze@10s (playlists stand still), \
      truncate@10s (half segments in whole answers), cut@10s (answers break off), \
      rewind@10s (playlists of 20 segments before).
      """)
  var originFault: FaultArgument?

  @Option(help: "Video renditions that the origin makes up.")
  var renditions = 6

  @Option(help: "Length of the segments that the origin makes up.")
  var segment = TimeArgument(milliseconds: 2_000)

  @Option(help: "What arrivals and names follow from.")
  var seed: UInt64 = 1

  @OptionGroup var options: LoadOptions

  func run() throws {
    let report = try LoadTerminal.run { progress throws(LoadError) in
      try ViewersRun.run(settings(), progress: progress)
    }
    LoadTerminal.print(report.figures, json: options.json)
    if !report.isFine { throw ExitCode.failure }
  }

  private func settings() throws(LoadError) -> ViewersSettings {
    var settings = ViewersSettings(url: try LoadURL(url))
    settings.host = options.host
    settings.players = players
    settings.threads = threads
    settings.nanoseconds = duration.nanoseconds
    settings.join = min(join.nanoseconds, duration.nanoseconds)
    settings.churn = churn
    settings.policy = rendition.word
    settings.isPaced = pace
    settings.cmcd = cmcd.word
    settings.timeout = options.timeout.nanoseconds
    settings.seed = seed
    settings.shape.renditions = renditions
    settings.shape.segment = segment.nanoseconds / 1_000_000
    settings.fault = originFault?.planned
    settings.originDelay = originDelay?.nanoseconds ?? 0
    if let origin {
      guard let address = SocketAddress(parsing: origin) else {
        throw .usage("--origin \(origin): an address and a port are needed, as 127.0.0.1:9000")
      }
      settings.origin = address
    }
    return settings
  }
}

/// One word of a few on the command line.
struct WordArgument<Word: RawRepresentable & CaseIterable>: ExpressibleByArgument
where Word.RawValue == String {
  let word: Word

  init(_ word: Word) { self.word = word }

  init?(argument: String) {
    guard let word = Word(rawValue: argument) else { return nil }
    self.word = word
  }

  static var allValueStrings: [String] { Word.allCases.map(\.rawValue) }
  var defaultValueDescription: String { word.rawValue }
}

/// A fault of the made-up origin on the command line: `freeze@10s`.
struct FaultArgument: ExpressibleByArgument {
  let planned: PlannedFault

  init?(argument: String) {
    let words = argument.split(separator: "@", omittingEmptySubsequences: false)
    guard words.count == 2, let fault = StreamFault(rawValue: String(words[0])),
      let time = TimeArgument(argument: String(words[1]))
    else { return nil }
    planned = PlannedFault(fault, after: time.nanoseconds)
  }
}
