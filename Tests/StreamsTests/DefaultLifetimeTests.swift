import Bytes
import Streams
import Testing

@Suite struct `The default policy` {
  private func basis(
    _ kind: ObjectKind, _ status: UInt16 = 200, playlist: PlaylistFacts? = nil,
    manifest: ManifestFacts? = nil, sinceChange: Int64 = 0
  ) -> LifetimeBasis {
    var basis = LifetimeBasis(kind: kind, status: status)
    basis.playlist = playlist
    basis.manifest = manifest
    basis.sinceChange = Milliseconds(sinceChange)
    return basis
  }

  private func livePlaylist(part: Int64? = nil) -> PlaylistFacts {
    var facts = PlaylistFacts()
    facts.targetDuration = Milliseconds(4000)
    facts.partTarget = part.map { Milliseconds($0) }
    facts.segmentCount = 6
    facts.window = Milliseconds(24_000)
    return facts
  }

  private var vodPlaylist: PlaylistFacts {
    var facts = livePlaylist()
    facts.hasEndlist = true
    return facts
  }

  private func manifest(update: Int64?, segment: Int64? = 4000, live: Bool = true)
    -> ManifestFacts
  {
    var facts = ManifestFacts()
    facts.isDynamic = live
    facts.minimumUpdatePeriod = update.map { Milliseconds($0) }
    facts.segmentDuration = segment.map { Milliseconds($0) }
    return facts
  }

  @Test(
    arguments: [
      (0, 2000, 4000), (1000, 2000, 3000), (2000, 2000, 2000), (3000, 1000, 2000),
      (3900, 200, 1900), (4000, 200, 1800), (5900, 200, 0), (60_000, 200, 0),
      (-5, 2000, 4000), (.max, 200, 0),
    ] as [(Int64, Int64, Int64)])
  func `keeps a live playlist until its next change is due`(
    sinceChange: Int64, fresh: Int64, stale: Int64
  ) {
    let lifetime = DefaultLifetime(
      of: basis(.mediaPlaylist, playlist: livePlaylist(), sinceChange: sinceChange))

    #expect(lifetime.fresh == Milliseconds(fresh))
    #expect(lifetime.staleOnError == Milliseconds(stale))
    #expect(lifetime.ceiling == Milliseconds(2000))
  }

  @Test func `counts the time that a playlist spent in other caches`() {
    var old = basis(.mediaPlaylist, playlist: livePlaylist())
    old.age = Milliseconds(1500)
    var tooOld = old
    tooOld.age = Milliseconds(9000)

    #expect(DefaultLifetime(of: old).fresh == Milliseconds(500))
    #expect(DefaultLifetime(of: tooOld).fresh == Milliseconds(200))
  }

  @Test func `expects a low-latency playlist to change with each part`() {
    let parts = basis(.mediaPlaylist, playlist: livePlaylist(part: 400))
    var blocking = parts
    blocking.isBlockingReload = true
    let ignoring = blocking
    blocking.playlist?.canBlockReload = true

    #expect(DefaultLifetime(of: parts).fresh == Milliseconds(400))
    #expect(DefaultLifetime(of: ignoring) == DefaultLifetime(of: parts), "its query means nothing")
    #expect(DefaultLifetime(of: blocking) == DefaultLifetime(fresh: Milliseconds(24_000)))
  }

  @Test(
    arguments: [
      (10_000, 4000, 2000), (3000, 4000, 1500), (0, 4000, 2000), (nil, 6000, 3000),
      (nil, nil, 2000),
    ] as [(Int64?, Int64?, Int64)])
  func `keeps a live manifest for half its update period, at most 2 s`(
    update: Int64?, segment: Int64?, fresh: Int64
  ) {
    let facts = manifest(update: update, segment: segment)

    let lifetime = DefaultLifetime(of: basis(.dashManifest, manifest: facts))

    #expect(lifetime.fresh == Milliseconds(fresh))
    #expect(lifetime.staleOnError == Milliseconds(60_000))
  }

  @Test(arguments: [(0, 1500), (3000, 1000), (3900, 200), (9000, 200)] as [(Int64, Int64)])
  func `looks for the next segment of a timeline when it is due`(since: Int64, fresh: Int64) {
    var facts = manifest(update: 3000)
    facts.isListed = true

    let lifetime = DefaultLifetime(of: basis(.dashManifest, manifest: facts, sinceChange: since))

    #expect(lifetime.fresh == Milliseconds(fresh))
    #expect(lifetime.ceiling == Milliseconds(1500))
  }

  @Test func `keeps recordings for a day`() {
    let day = Milliseconds(86_400_000)
    let still = manifest(update: nil, live: false)
    let answers = [
      basis(.mediaPlaylist, playlist: vodPlaylist), basis(.segment, playlist: vodPlaylist),
      basis(.text, playlist: vodPlaylist), basis(.dashManifest, manifest: still),
      basis(.segment, manifest: still),
    ]

    for answer in answers {
      #expect(DefaultLifetime(of: answer) == DefaultLifetime(fresh: day, staleOnError: day))
    }
  }

  @Test func `keeps a live segment for its window and three target durations`() {
    var manifest = manifest(update: 2000)
    manifest.timeShiftBufferDepth = Milliseconds(30_000)

    let ofHLS = DefaultLifetime(of: basis(.segment, playlist: livePlaylist()))
    let ofDASH = DefaultLifetime(of: basis(.segment, manifest: manifest))
    let unnamed = DefaultLifetime(of: basis(.segment))

    #expect(ofHLS.fresh == Milliseconds(36_000))
    #expect(ofDASH.fresh == Milliseconds(42_000))
    #expect(unnamed.fresh == Milliseconds(600_000))
    #expect(unnamed.staleOnError == Milliseconds(600_000))
  }

  @Test func `keeps what is neither live nor media as its row says`() {
    var guarded = basis(.key)
    guarded.hasTokenRule = true
    var multivariant = PlaylistFacts()
    multivariant.isMultivariant = true

    #expect(DefaultLifetime(of: basis(.initSegment)).fresh == Milliseconds(3_600_000))
    #expect(DefaultLifetime(of: guarded).fresh == Milliseconds(10_000))
    #expect(DefaultLifetime(of: guarded).staleOnError == .zero)
    #expect(DefaultLifetime(of: basis(.key)) == .none)
    #expect(DefaultLifetime(of: basis(.other)) == .none)
    #expect(DefaultLifetime(of: basis(.playlist)).fresh == Milliseconds(200))
    #expect(DefaultLifetime(of: basis(.dashManifest)).fresh == Milliseconds(200))
    #expect(
      DefaultLifetime(of: basis(.multivariantPlaylist, playlist: multivariant))
        == DefaultLifetime(
          fresh: Milliseconds(5000), staleOnError: Milliseconds(60_000),
          ceiling: Milliseconds(5000)))
  }

  @Test func `forgets soon what was not found, soonest what is live`() {
    var short = livePlaylist()
    short.targetDuration = Milliseconds(800)
    let rows: [(LifetimeBasis, Int64)] = [
      (basis(.segment, 404), 250), (basis(.segment, 404, playlist: short), 200),
      (basis(.segment, 410, playlist: livePlaylist()), 250), (basis(.mediaPlaylist, 404), 250),
      (basis(.playlist, 404), 250), (basis(.dashManifest, 404), 250),
      (basis(.segment, 404, playlist: vodPlaylist), 5000),
      (basis(.mediaPlaylist, 404, playlist: vodPlaylist), 5000),
      (basis(.initSegment, 404), 1000), (basis(.key, 404), 1000), (basis(.other, 404), 0),
      (basis(.segment, 403), 0), (basis(.segment, 302), 0),
    ]

    for (answer, negative) in rows {
      let lifetime = DefaultLifetime(of: answer)
      #expect(lifetime.negative == Milliseconds(negative), "\(answer.kind) \(answer.status)")
      #expect(lifetime.fresh == .zero)
    }
  }

  @Test func `shields an origin that fails for 250 ms to 1 s, spread by the jitter`() {
    let negatives = [0, 750, 751, UInt64.max].map { jitter in
      var failed = basis(.segment, 503)
      failed.jitter = jitter
      return DefaultLifetime(of: failed).negative
    }

    #expect(negatives[0] == Milliseconds(250))
    #expect(negatives[1] == Milliseconds(1000))
    #expect(negatives[2] == Milliseconds(250))
    #expect(negatives[3] <= Milliseconds(1000))
  }

  @Test func `overrules no-store on live playlists only, and never what is private`() {
    let live = basis(.mediaPlaylist, playlist: livePlaylist())
    let overrules = DefaultLifetime.overrulesOrigin

    #expect(overrules(true, live, false, false))
    #expect(!overrules(false, live, false, false))
    #expect(!overrules(true, live, true, false))
    #expect(!overrules(true, live, false, true))
    #expect(!overrules(true, basis(.mediaPlaylist, playlist: vodPlaylist), false, false))
    #expect(!overrules(true, basis(.segment), false, false))
    #expect(overrules(true, basis(.dashManifest, manifest: manifest(update: 2000)), false, false))
  }
}
