/// A made-up encoder with its packager: what its playlist says at a moment, by a formula.
public struct ModelEncoder: Sendable {
  /// What is wrong with it from a moment on, in milliseconds.
  public enum Fault: Equatable, Sendable {
    /// Nothing.
    case none
    /// It does not answer.
    case dead
    /// Its playlist stays as it was.
    case frozen(at: Int)
    /// It wrote an end.
    case ended(at: Int)
  }

  /// The number of its first segment, which began at `begun`.
  public var firstNumber = 0
  /// When its first segment began, in milliseconds.
  public var begun = 0
  /// Whether it states the times of its segments.
  public var statesTimes = true
  /// How its segments are called.
  public var prefix = "s"
  /// What is wrong with it.
  public var fault = Fault.none
  /// How many segments it lists.
  public var windowCount = 6
  /// How long each of its segments is, in milliseconds.
  public static let segment = 2000

  /// An encoder without faults.
  public init(
    firstNumber: Int = 0, begun: Int = 0, statesTimes: Bool = true, prefix: String = "s"
  ) {
    self.firstNumber = firstNumber
    self.begun = begun
    self.statesTimes = statesTimes
    self.prefix = prefix
  }

  /// Its playlist at `time`; `nil` for one that does not answer.
  public func playlist(at time: Int) -> String? {
    var clock = time
    var ends = false
    switch fault {
    case .none: break
    case .dead: return nil
    case .frozen(let moment): clock = min(clock, moment)
    case .ended(let moment):
      clock = min(clock, moment)
      ends = true
    }
    let count = max(0, (clock - begun) / ModelEncoder.segment)
    guard count > 0 else { return nil }
    let first = max(0, count - windowCount)
    var text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n"
    text += "#EXT-X-MEDIA-SEQUENCE:\(firstNumber + first)\n#EXT-X-MAP:URI=\"init.mp4\"\n"
    for index in first..<count {
      if statesTimes {
        let start = begun + index * ModelEncoder.segment
        text += "#EXT-X-PROGRAM-DATE-TIME:\(ModelEncoder.date(start))\n"
      }
      text += "#EXTINF:2.000,\n\(prefix)\(firstNumber + index).m4s\n"
    }
    return text + (ends ? "#EXT-X-ENDLIST\n" : "")
  }

  /// A moment of the made-up clock as a date.
  public static func date(_ milliseconds: Int) -> String {
    let seconds = milliseconds / 1000
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let rest = milliseconds % 1000
    let thousandths = String(repeating: "0", count: rest < 10 ? 2 : rest < 100 ? 1 : 0) + "\(rest)"
    return "2026-01-01T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))."
      + thousandths + "Z"
  }
}
