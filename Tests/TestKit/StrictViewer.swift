import Bytes
import Streams

/// A viewer who minds: what he was sent of one playlist must hold together.
public struct StrictViewer {
  /// What he minds.
  public private(set) var complaints: [String] = []
  /// The newest number that he saw.
  public private(set) var last: UInt64 = 0
  /// When he saw it first.
  public private(set) var changedAt = 0
  /// The longest time without a newer one, in milliseconds.
  public private(set) var worstAge = 0
  /// The discontinuities that he passed.
  public private(set) var discontinuities: UInt64 = 0
  private var mediaSequence: UInt64 = 0
  private var discontinuitySequence: UInt64 = 0
  private var seen: [UInt64: String] = [:]

  /// He has seen nothing.
  public init() {}

  /// Looks at what was sent at `time`.
  public mutating func see(_ body: [UInt8], at time: Int) {
    guard let playlist = MediaPlaylist.read(body.span) else {
      complaints.append("\(time): no playlist")
      return
    }
    if playlist.hasEndlist { complaints.append("\(time): an end") }
    if playlist.mediaSequence < mediaSequence {
      complaints.append("\(time): media sequence \(playlist.mediaSequence) after \(mediaSequence)")
    }
    if playlist.discontinuitySequence < discontinuitySequence {
      complaints.append("\(time): discontinuity sequence went back")
    }
    mediaSequence = playlist.mediaSequence
    discontinuitySequence = playlist.discontinuitySequence
    var count = discontinuitySequence
    for (index, segment) in playlist.segments.enumerated() {
      if segment.isDiscontinuity { count += 1 }
      let number = playlist.sequence(at: index)
      let uri = String(decoding: segment.uri, as: UTF8.self)
      let map = String(decoding: segment.map?.uri ?? [], as: UTF8.self)
      let facts = "\(uri) \(segment.duration.count) \(count) \(map)"
      if let before = seen[number], before != facts {
        complaints.append("\(time): \(number) was \(before) and is \(facts)")
      }
      seen[number] = facts
    }
    discontinuities = count
    let edge = playlist.lastSequence ?? 0
    if edge < last { complaints.append("\(time): the edge \(edge) after \(last)") }
    if edge > last { changedAt = time } else { worstAge = max(worstAge, time - changedAt) }
    last = edge
  }
}
