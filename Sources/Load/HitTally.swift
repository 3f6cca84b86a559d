/// What came of the requests of a run.
public struct HitTally: Sendable {
  /// Answers that are whole, whatever their status.
  public internal(set) var answers = 0
  /// Answers of each class: `statuses[2]` those from 200 to 299.
  public internal(set) var statuses = [Int](repeating: 0, count: 6)
  /// Answers whose last cache says `hit` in Cache-Status (RFC 9211).
  public internal(set) var hits = 0
  /// Bytes of their bodies.
  public internal(set) var bodyBytes: UInt64 = 0
  /// Connections that could not be made.
  public internal(set) var refused = 0
  /// Answers that broke off before their end, or connections that broke before an answer.
  public internal(set) var broken = 0
  /// Answers that were no HTTP.
  public internal(set) var malformed = 0
  /// Requests without an answer when their time was up.
  public internal(set) var unanswered = 0
  /// Requests that were due and could not be sent before the end: an open loop only.
  public internal(set) var unsent = 0
  /// Connections made again after the server had closed them between two requests.
  public internal(set) var reconnects = 0
  /// From the time that the request was due, or else was sent, to the last byte.
  public internal(set) var whole = Latencies()
  /// The same to the first byte of the head.
  public internal(set) var firstByte = Latencies()

  init() {}

  /// Requests that got no proper answer, an error status not counted.
  public var failures: Int { refused + broken + malformed + unanswered + unsent }

  mutating func add(_ other: HitTally) {
    answers += other.answers
    for index in statuses.indices { statuses[index] += other.statuses[index] }
    hits += other.hits
    bodyBytes += other.bodyBytes
    refused += other.refused
    broken += other.broken
    malformed += other.malformed
    unanswered += other.unanswered
    unsent += other.unsent
    reconnects += other.reconnects
    whole.add(other.whole)
    firstByte.add(other.firstByte)
  }
}
