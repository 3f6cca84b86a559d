internal import Bytes

/// A rule of the node that an operator may switch off while it runs.
public enum NodeSwitch: String, CaseIterable, Sendable {
  /// Playlists that go back are withheld.
  case guards = "guard"
  /// A playlist is published once its newest segments are here, and the next segment of DASH is
  /// waited for.
  case hold
  /// A second server is asked where the first is late.
  case hedge
  /// Media whose container is open is not whole.
  case seal
  /// Absolute URLs of the origin become paths; off but where the configuration asks for it.
  case rewrite

  /// What it does, in a sentence without a full stop.
  public var sense: String {
    switch self {
    case .guards: "playlists that go back are withheld"
    case .hold:
      "playlists wait for the segments that they name anew, viewers for the next one of DASH"
    case .hedge: "a second server is asked where the first is late"
    case .seal: "media whose container is open is not stored"
    case .rewrite: "absolute URLs of the origin become paths of the edge"
    }
  }
}

/// Which rules are off, by origin: as configured, or as an operator switched them until the node is
/// started anew.
///
/// Any thread may call any method. Fills do when they begin or decide; a hit never does.
public final class SwitchBoard: @unchecked Sendable {
  // Exception: unchecked, because `off` is guarded by `lock`.
  private let lock = Lock()
  private let origins: Int
  /// The origins for which each rule is off.
  private var off: [NodeSwitch: Set<Int>] = [:]

  /// Everything is on, but rewriting where `rewrites` does not name the origin.
  init(origins: Int, rewrites: Set<Int> = []) {
    self.origins = origins
    off[.rewrite] = Set(0..<origins).subtracting(rewrites)
  }

  /// Whether a rule holds for an origin.
  public func isOn(_ rule: NodeSwitch, origin: Int) -> Bool {
    lock.withLock { !(off[rule]?.contains(origin) ?? false) }
  }

  /// Switches a rule for one origin, or for all.
  public func set(_ rule: NodeSwitch, _ isOn: Bool, origin: Int?) {
    let changed = origin.map { [$0] } ?? Array(0..<origins)
    lock.withLock {
      if isOn {
        off[rule]?.subtract(changed)
      } else {
        off[rule, default: []].formUnion(changed)
      }
    }
  }
}
