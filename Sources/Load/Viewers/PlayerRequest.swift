internal import Streams

/// What a player asks for.
struct PlayerRequest: Equatable {
  /// What it is to the player.
  enum Purpose: Equatable {
    /// The URL that was given: whatever it turns out to be.
    case entry
    /// The media playlist of a track, or the manifest again.
    case update(track: Int)
    case initialization(track: Int)
    case media(track: Int, MediaUnit)
  }

  var purpose: Purpose
  /// Path and query.
  var target: [UInt8]
  /// First and last byte, if not all.
  var range: MediaRange?

  /// The body is read as a text, not counted as media.
  var isText: Bool {
    switch purpose {
    case .entry, .update: true
    case .initialization, .media: false
    }
  }
}

/// A segment, or a part of one.
struct MediaUnit: Equatable {
  /// Nanoseconds that it plays for.
  var duration: Int64
  /// When the last of it was recorded, in nanoseconds of Unix time; `nil` where that is not said.
  var recorded: Int64?
  /// It is sent while it is recorded, in pieces that play for so long.
  var chunk: Int64?
  /// Bits a second that it is announced with.
  var bandwidth: UInt64
}

/// What came of a request.
struct PlayerAnswer {
  /// Why there is no usable answer.
  enum Failure: Equatable { case refused, brokenOff, malformed, timeout }

  /// The status; 0 without an answer.
  var status: UInt16
  /// The body of what is read as a text.
  var body: [UInt8]
  /// The body's length.
  var bytes: UInt64
  /// Where the body's container ends with it.
  var container: ContainerCheck.Verdict
  /// When it was asked for, in nanoseconds.
  var asked: Int64
  /// When its first byte came.
  var firstByte: Int64
  /// What went wrong under way.
  var failure: Failure?

  var isGood: Bool { failure == nil && (200...299).contains(status) }
}

/// What a player does next.
enum PlayerStep: Equatable {
  case ask(PlayerRequest)
  /// Nothing before this time, in nanoseconds.
  case wait(until: Int64)
  /// All was played.
  case over
}
