internal import Bytes
internal import Streams

/// What a player makes of HLS (RFC 8216, RFC 8216bis).
struct HLSPresentation {
  private var tracks: [HLSTrack]
  let bandwidths: [UInt64]

  /// Reads what the URL led to: a multivariant playlist, or a media playlist alone.
  ///
  /// Fails for what is no playlist, or has no rendition on this server.
  ///
  /// - Parameters:
  ///   - body: the playlist.
  ///   - target: what was asked for.
  ///   - authority: the Host field.
  ///   - choose: picks the first rendition from the bit rates.
  init?(
    _ body: [UInt8], at target: [UInt8], authority: String, choose: ([UInt64]) -> Int
  ) {
    if let whole = MultivariantPlaylist.read(body.span), !whole.variants.isEmpty {
      guard let base = BaseTarget(target, authority: authority) else { return nil }
      var found: [(target: [UInt8], variant: Variant)] = []
      for variant in whole.variants {
        guard let resolved = base.resolve(variant.uri) else { continue }
        // Variants that differ in their audio alone repeat a playlist: the first is enough.
        if !found.contains(where: { $0.target == resolved }) { found.append((resolved, variant)) }
      }
      guard let first = found.first?.variant else { return nil }
      bandwidths = found.map(\.variant.bandwidth)
      tracks = [
        HLSTrack(
          targets: found.map(\.target), bandwidths: bandwidths, rendition: choose(bandwidths),
          authority: authority)
      ]
      if let audio = HLSPresentation.audio(of: first, in: whole), let resolved = base.resolve(audio)
      {
        tracks.append(
          HLSTrack(targets: [resolved], bandwidths: [0], rendition: 0, authority: authority))
      }
    } else {
      guard MediaPlaylist.read(body.span) != nil else { return nil }
      bandwidths = [0]
      tracks = [HLSTrack(targets: [target], bandwidths: [0], rendition: 0, authority: authority)]
    }
  }

  /// The playlist of a variant's audio: the default one of its group.
  private static func audio(of variant: Variant, in whole: MultivariantPlaylist) -> [UInt8]? {
    guard let group = variant.audio else { return nil }
    let choices = whole.media.filter {
      $0.type.elementsEqual("AUDIO".utf8) && $0.group == group && $0.uri != nil
    }
    return (choices.first(where: \.isDefault) ?? choices.first)?.uri
  }

  var trackCount: Int { tracks.count }
  var isLive: Bool { tracks[0].isLive }
  var isLowLatency: Bool { tracks[0].isLowLatency }

  mutating func step(_ track: Int, at now: Int64, isHungry: Bool) -> PlayerStep {
    tracks[track].step(track, at: now, isHungry: isHungry)
  }

  mutating func take(_ body: [UInt8], of track: Int, asked: Int64, at now: Int64) -> UpdateNews? {
    tracks[track].take(body, asked: asked, at: now)
  }

  mutating func retryUpdate(of track: Int, at time: Int64) {
    tracks[track].retry(at: time)
  }

  mutating func done(_ request: PlayerRequest) {
    switch request.purpose {
    case .initialization(let track): tracks[track].initialized(request.target)
    case .media(let track, _): tracks[track].advance()
    case .entry, .update: break
    }
  }

  mutating func choose(_ rendition: Int) -> Bool { tracks[0].choose(rendition) }
}
