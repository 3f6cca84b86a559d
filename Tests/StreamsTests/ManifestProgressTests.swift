import Bytes
import Streams
import Testing

@Suite struct `How far a live manifest has got` {
  private static let start = MadeUpServer.month

  private func progress(_ server: MadeUpServer, at time: Int64, read: Int64? = nil) throws
    -> ManifestProgress
  {
    let body = server.manifest(at: time)
    let manifest = try #require(Manifest.read(body))
    return ManifestProgress(of: manifest, now: Milliseconds(read ?? time))
  }

  @Test func `is told by the segments that are listed`() throws {
    let server = MadeUpServer(name: "a", start: Self.start, isTimeline: true, mediaStart: 5000)
    let first = try progress(server, at: Self.start + 9500)
    let later = try progress(server, at: Self.start + 9500, read: Self.start + 99_000)
    let second = try progress(server, at: Self.start + 10_500)

    #expect(first.edge == Milliseconds(8000) && !first.isByClock && first.isDynamic)
    #expect(first.availabilityStartTime == Milliseconds(Self.start))
    #expect(first.publishTime == Milliseconds(Self.start + 9500))
    #expect(later == first)
    #expect(second.change(since: first) == .advanced)
    #expect(later.change(since: first) == .unchanged)
    #expect(first.change(since: second) == .regressed)
  }

  @Test func `goes by the clock where segments are numbered`() throws {
    let server = MadeUpServer(name: "a", start: Self.start, periodLength: 48_000)
    let first = try progress(server, at: Self.start + 9500)
    let second = try progress(server, at: Self.start + 9500, read: Self.start + 10_500)
    let other = try progress(server, at: Self.start + 49_500)

    #expect(first.edge == Milliseconds(8000) && first.isByClock)
    #expect(second.edge == Milliseconds(10_000))
    #expect(second.change(since: first) == .advanced)
    #expect(other.edge == Milliseconds(48_000))
  }

  @Test func `goes back with a server that starts anew`() throws {
    let server = MadeUpServer(name: "a", start: Self.start, startNumber: 9)
    let earlier = try progress(server, at: Self.start + 90_000)
    var restarted = server
    restarted.start = Self.start + 85_000
    var renumbered = server
    renumbered.startNumber = 8

    let restart = try progress(restarted, at: Self.start + 90_000)
    let renumbering = try progress(renumbered, at: Self.start + 90_000)

    #expect(restart.change(since: earlier) == .regressed)
    #expect(renumbering.change(since: earlier) == .regressed)
  }

  @Test func `ends with the stream`() throws {
    func progress(_ attributes: String) throws -> ManifestProgress {
      let text =
        "<MPD \(attributes)><Period start=\"PT0S\"><AdaptationSet><Representation>"
        + "<SegmentTemplate duration=\"2\"/></Representation></AdaptationSet></Period></MPD>"
      return ManifestProgress(of: try #require(Manifest.read(Array(text.utf8))), now: .zero)
    }
    let live = try progress("type=\"dynamic\" minimumUpdatePeriod=\"PT2S\"")
    let recording = try progress("mediaPresentationDuration=\"PT9S\"")
    let over = try progress("type=\"dynamic\" mediaPresentationDuration=\"PT9S\"")

    #expect(recording.edge == Milliseconds(9000))
    #expect(recording.change(since: live) == .ended)
    #expect(over.change(since: live) == .ended)
    #expect(over.change(since: over) == .unchanged)
    #expect(recording.change(since: recording) == .unchanged)
  }

  @Test func `is unknown where nothing tells it`() throws {
    let manifest = try #require(Manifest.read(Array("<MPD type=\"dynamic\"><Period/></MPD>".utf8)))
    let progress = ManifestProgress(of: manifest, now: Milliseconds(.min))

    #expect(progress.edge == nil && progress.publishTime == nil)
    #expect(progress.change(since: progress) == .unchanged)
  }
}

@Suite struct `Manifests of two servers` {
  private static let start = MadeUpServer.month
  private static let server = MadeUpServer(name: "a", start: start, isTimeline: true)

  private func compare(
    _ other: MadeUpServer, to one: MadeUpServer = server, at time: Int64 = start + 60_000,
    later: Int64 = 0
  ) throws -> ManifestAlignment {
    let left = try #require(Manifest.read(one.manifest(at: time)))
    let right = try #require(Manifest.read(other.manifest(at: time + later)))
    let there = ManifestAlignment.between(left, right)
    #expect(ManifestAlignment.between(right, left) == there)
    return there
  }

  @Test func `are one timeline where all that tells time agrees`() throws {
    var numbered = Self.server
    numbered.isTimeline = false
    var periods = Self.server
    periods.periodLength = 48_000

    for server in [Self.server, numbered, periods] {
      let same = try compare(server, to: server)
      let skewed = try compare(server, to: server, later: 7000)
      #expect(same == .sameTimeline && skewed == .sameTimeline)
    }
  }

  @Test func `are undecided until they have a segment in common`() throws {
    let early = try compare(Self.server, later: 60_000)
    var periods = Self.server
    periods.periodLength = 24_000
    let apart = try compare(periods, to: periods, later: 60_000)

    #expect(early == .undecided && apart == .undecided)
  }

  @Test func `are two timelines where one thing differs`() throws {
    func differing(_ change: (inout MadeUpServer) -> Void) throws -> ManifestAlignment {
      var other = Self.server
      change(&other)
      return try compare(other)
    }

    #expect(try differing { $0.start -= 40 } == .independent(.start))
    #expect(try differing { $0.name = "b" } == .independent(.names))
    #expect(try differing { $0.mediaStart = 1000 } == .independent(.timing))
    #expect(try differing { $0.isTimeline = false } == .independent(.names))
    #expect(try differing { $0.tracks[0].timescale *= 2 } == .independent(.timing))
    #expect(try differing { $0.tracks[1].duration = 96_000 } == .independent(.segments))
    #expect(try differing { $0.tracks[1].id = "b" } == .independent(.representation))
    #expect(try differing { $0.tracks.removeLast() } == .independent(.representation))
  }

  @Test func `are two where periods, keys or numbers differ`() throws {
    func manifest(start: Int = 0, key: String = "1", number: Int = 1, time: Int = 0) throws
      -> Manifest
    {
      let text = """
        <MPD><Period id="p" start="PT\(start)S"><AdaptationSet><ContentProtection
          cenc:default_KID="\(key)"/><Representation><SegmentTemplate startNumber="\(number)"
          media="$Number$"><SegmentTimeline><S t="\(time)" d="5" r="9"/><S d="4" r="-1"/>
        </SegmentTimeline></SegmentTemplate></Representation></AdaptationSet></Period></MPD>
        """
      return try #require(Manifest.read(Array(text.utf8)))
    }
    let one = try manifest()

    #expect(try ManifestAlignment.between(one, manifest(start: 1)) == .independent(.period))
    #expect(try ManifestAlignment.between(one, manifest(key: "2")) == .independent(.key))
    #expect(try ManifestAlignment.between(one, manifest(number: 2)) == .independent(.segments))
    #expect(try ManifestAlignment.between(one, manifest(time: 1)) == .independent(.segments))
    #expect(
      try ManifestAlignment.between(one, manifest(number: 2, time: 5)) == .independent(.segments))
  }
}

extension Manifest {
  /// Spans and `#require` do not go together.
  fileprivate static func read(_ body: [UInt8]) -> Manifest? { read(body.span) }
}
