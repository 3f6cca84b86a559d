/// Some of the servers of one origin, by their places in the configuration.
///
/// One word: an origin has at most `OriginLimits.serversMax`, 64; a place beyond is in no set.
public struct ServerSet: OptionSet, Hashable, Sendable {
  /// Bit n stands for server n.
  public let rawValue: UInt64

  /// The servers whose bits are set.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// One server alone.
  public init(only server: Int) {
    self.init(rawValue: (0..<64).contains(server) ? 1 << UInt64(server) : 0)
  }

  /// The first `count` servers.
  public init(first count: Int) {
    self.init(rawValue: count >= 64 ? .max : (1 << UInt64(max(0, count))) - 1)
  }

  /// Those of `places` of which `isWanted` says so.
  init(_ places: some Sequence<Int>, where isWanted: (Int) -> Bool) {
    self = places.reduce(into: []) { if isWanted($1) { $0.insert($1) } }
  }

  /// Whether a server is among them.
  public func contains(_ server: Int) -> Bool { !isDisjoint(with: ServerSet(only: server)) }

  /// Adds a server.
  public mutating func insert(_ server: Int) { formUnion(ServerSet(only: server)) }

  /// Takes a server out.
  public mutating func remove(_ server: Int) { subtract(ServerSet(only: server)) }

  /// How many there are.
  public var count: Int { rawValue.nonzeroBitCount }

  /// The first of them; `nil` for none.
  public var first: Int? { isEmpty ? nil : rawValue.trailingZeroBitCount }

  /// All servers but these.
  public var others: ServerSet { ServerSet(rawValue: ~rawValue) }

  /// The places of them, the first one first.
  public var places: [Int] {
    var places: [Int] = []
    var left = rawValue
    while left != 0 {
      places.append(left.trailingZeroBitCount)
      left &= left &- 1
    }
    return places
  }
}
