internal import Bytes

/// What servers have said of a segment that is not there.
struct MissingSegment {
  /// The servers that do not have it, since it was asked for anew; one bit each.
  var asked: UInt64 = 0
  /// All that ever said so.
  private(set) var everAsked: UInt64 = 0
  /// The first of them.
  private(set) var first = 0
  /// Until when it is held; `nil` before it is.
  var heldUntil: Instant?
  /// What the server says now is passed on.
  var isLastResort = false

  /// A server does not have it.
  mutating func add(_ server: Int) {
    guard server >= 0, server < 64 else { return }
    if everAsked == 0 { first = server }
    asked |= 1 << UInt64(server)
    everAsked |= asked
  }
}
