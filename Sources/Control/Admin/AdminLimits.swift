internal import Bytes

/// The named maxima of the admin doors: each with its reason and what happens when it is reached.
enum AdminLimits {
  /// Bytes of one request's head; beyond it the answer is 431.
  ///
  /// `curl` and Prometheus send less than 1 KiB.
  static let headBytesMax = 8 * 1024

  /// Bytes of one request's body; beyond it the answer is 413.
  ///
  /// A purge names one URL, which is at most 8 KiB, each byte escaped sixfold at worst.
  static let bodyBytesMax = 64 * 1024

  /// Connections of one door; further ones wait in the listen queue.
  ///
  /// Each lives at most `requestTime`, `answerTime` and `closeTime`, so nobody waits for long, and
  /// clients of the metrics door never keep the operator's door shut.
  static let connectionsPerDoor = 8

  /// From accept to the whole request; then the answer is 408.
  static let requestTime = Milliseconds(5000)

  /// For the answer to be taken; then the connection is closed.
  static let answerTime = Milliseconds(5000)

  /// For the client to close after the answer; then the connection is closed.
  static let closeTime = Milliseconds(500)

  /// Entries of one page of the list of stored objects; the client asks for page after page.
  static let listEntries = 1000

  /// How long a page is worked on, or as long as its last step takes: other clients wait so long.
  ///
  /// A list of rare objects among many has short pages, not late ones.
  static let listTime = Milliseconds(50)

  /// Index entries of one step: each object among them is a read of its disk.
  static let listStep = 16

  /// Bytes of one answer that the client accepts.
  static let answerBytesMax = 64 << 20

  /// How long the client waits for the whole answer.
  static let clientTime = Milliseconds(15_000)
}
