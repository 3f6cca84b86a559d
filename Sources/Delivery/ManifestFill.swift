internal import Bytes
internal import Cache
internal import Origin
internal import Policy
internal import Streams

/// A playlist or manifest on its way: gathered until it is whole, and judged before it is sent.
final class ManifestFill {
  /// The head of an answer that may be sent, with what follows from it.
  struct Candidate {
    var head: StoredHead
    /// `nil` for an answer to one viewer, which passes without being judged.
    var freshness: Freshness?
    var tags: [[UInt8]]
    var server: Int
    var arrival: Instant
  }

  /// The bytes of the answer under way.
  var bytes: [UInt8] = []
  /// The answers so far.
  var poll = PlaylistPoll()
  /// The same of a DASH manifest.
  var manifests = ManifestPoll()
  /// Their heads, in the order of the poll's sightings.
  var candidates: [Candidate] = []
  /// A server gave no playlist or manifest, or none in time.
  func add(failureOf server: Int) {
    poll.add(failureOf: server)
    manifests.add(failureOf: server)
  }

  /// The head of the answer under way.
  var pending: Candidate?
  /// The twin that is being asked, as an index into the origin's servers.
  var asked: Int?
  /// It belongs to a presentation that is known, so that a twin can stand in for its server.
  var isRouted = false
  /// The present server's failure, which viewers are told if no twin does better.
  var failure: FetchFailure?
  /// The present server answered with an error: it is asked again if no twin does better, and then
  /// what it says is passed on.
  var isLastResort = false
  /// Longer than a playlist that is read: it passes as it comes.
  var isTooLong = false
  /// Segments that are fetched before the playlist that names them is published.
  var awaited: [CachedObject] = []
  /// What is sent, once that is decided.
  var finished: [UInt8]?
  /// What it says.
  var text: PlaylistText?
  /// The answer whose head is sent.
  var sent: Candidate?

  /// All servers are asked anew.
  func beginAgain() {
    poll = PlaylistPoll()
    candidates = []
    pending = nil
    asked = nil
    failure = nil
  }
}

extension Fill {
  /// What arrives is gathered, not sent.
  var isGathering: Bool { holdsHead && manifest != nil || manifest?.asked != nil }
}
