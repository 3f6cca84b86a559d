internal import Bytes
internal import Origin

/// What servers have said of a segment that is not there.
struct MissingSegment {
  /// The servers that do not have it, since it was asked for anew.
  var asked: ServerSet = []
  /// All that ever said so.
  private(set) var everAsked: ServerSet = []
  /// The first of them.
  private(set) var first = 0
  /// Until when it is held; `nil` before it is.
  var heldUntil: Instant?
  /// What the server says now is passed on.
  var isLastResort = false

  /// A server does not have it.
  mutating func add(_ server: Int) {
    guard server >= 0 else { return }
    if everAsked.isEmpty { first = server }
    asked.insert(server)
    everAsked.insert(server)
  }
}
