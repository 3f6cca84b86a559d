/// What a player makes of playlists or a manifest: what is there, and what comes next.
///
/// Track 0 is the video, or what there is; a further one is the audio. Times are nanoseconds of
/// Unix time.
enum Presentation {
  case hls(HLSPresentation)
  case dash(DASHPresentation)

  /// Reads what the URL led to.
  ///
  /// - Parameters:
  ///   - body: a multivariant or media playlist, or a manifest.
  ///   - target: what was asked for.
  ///   - authority: the Host field.
  ///   - now: the time.
  ///   - choose: picks the first rendition from the bit rates.
  init?(
    _ body: [UInt8], at target: [UInt8], authority: String, now: Int64, choose: ([UInt64]) -> Int
  ) {
    if let hls = HLSPresentation(body, at: target, authority: authority, choose: choose) {
      self = .hls(hls)
    } else if let dash = DASHPresentation(
      body, at: target, authority: authority, now: now, choose: choose)
    {
      self = .dash(dash)
    } else {
      return nil
    }
  }

  /// What CMCD calls the format.
  var format: String {
    switch self {
    case .hls: "h"
    case .dash: "d"
    }
  }

  /// How many tracks are played together.
  var trackCount: Int {
    switch self {
    case .hls(let hls): hls.trackCount
    case .dash(let dash): dash.trackCount
    }
  }

  /// Bits a second of the renditions of track 0.
  var bandwidths: [UInt64] {
    switch self {
    case .hls(let hls): hls.bandwidths
    case .dash(let dash): dash.bandwidths
    }
  }

  var isLive: Bool {
    switch self {
    case .hls(let hls): hls.isLive
    case .dash(let dash): dash.isLive
    }
  }

  var isLowLatency: Bool {
    switch self {
    case .hls(let hls): hls.isLowLatency
    case .dash(let dash): dash.isLowLatency
    }
  }

  /// What a track needs now.
  ///
  /// - Parameters:
  ///   - track: which.
  ///   - now: the time.
  ///   - isHungry: there is room for media.
  /// - Returns: a request, or how long there is none.
  mutating func step(_ track: Int, at now: Int64, isHungry: Bool) -> PlayerStep {
    // Consumed, so that its arrays have one owner and are not copied.
    switch consume self {
    case .hls(var hls):
      let step = hls.step(track, at: now, isHungry: isHungry)
      self = .hls(hls)
      return step
    case .dash(var dash):
      let step = dash.step(track, at: now, isHungry: isHungry)
      self = .dash(dash)
      return step
    }
  }

  /// Takes a text that was asked for.
  ///
  /// - Parameters:
  ///   - body: the text.
  ///   - track: the track that it was asked for.
  ///   - asked: when it was asked for.
  ///   - now: when it had come.
  /// - Returns: what is to be told of it; `nil` where it cannot be read.
  mutating func take(_ body: [UInt8], of track: Int, asked: Int64, at now: Int64) -> UpdateNews? {
    switch consume self {
    case .hls(var hls):
      let news = hls.take(body, of: track, asked: asked, at: now)
      self = .hls(hls)
      return news
    case .dash(var dash):
      let news = dash.take(body, asked: asked, at: now)
      self = .dash(dash)
      return news
    }
  }

  /// A text that was asked for did not come.
  mutating func retryUpdate(of track: Int, at time: Int64) {
    switch consume self {
    case .hls(var hls):
      hls.retryUpdate(of: track, at: time)
      self = .hls(hls)
    case .dash(var dash):
      dash.retryUpdate(at: time)
      self = .dash(dash)
    }
  }

  /// What `step` asked for has come, or is given up.
  mutating func done(_ request: PlayerRequest) {
    switch consume self {
    case .hls(var hls):
      hls.done(request)
      self = .hls(hls)
    case .dash(var dash):
      dash.done(request)
      self = .dash(dash)
    }
  }

  /// Asks for another rendition of track 0 from the next segment on; false in the middle of one.
  mutating func choose(_ rendition: Int) -> Bool {
    switch consume self {
    case .hls(var hls):
      let isChosen = hls.choose(rendition)
      self = .hls(hls)
      return isChosen
    case .dash(var dash):
      dash.choose(rendition)
      self = .dash(dash)
      return true
    }
  }
}
