import Origin
import Testing

/// Tests write sets of servers as masks: `0b101` is the first and the third.
extension ServerSet: ExpressibleByIntegerLiteral {
  init(integerLiteral value: UInt64) { self.init(rawValue: value) }
}

@Suite struct `A set of servers` {
  @Test func `holds servers by their places`() {
    var some = ServerSet(only: 2)
    some.insert(0)
    #expect(some == 0b101)
    #expect(some.contains(2))
    #expect(!some.contains(1))
    #expect(some.places == [0, 2])
    #expect(some.first == 0)
    #expect(some.count == 2)
    some.remove(0)
    #expect(some == 0b100)
    #expect(ServerSet().first == nil)
  }

  @Test func `has no room for a place that no origin has`() {
    #expect(ServerSet(only: -1).isEmpty)
    #expect(ServerSet(only: 64).isEmpty)
    #expect(!ServerSet(first: 64).contains(64))
    #expect(!ServerSet(first: 64).contains(-1))
    #expect(ServerSet(only: 63).places == [63])
  }

  @Test func `begins with the first ones, and leaves the others`() {
    #expect(ServerSet(first: 0).isEmpty)
    #expect(ServerSet(first: 3) == 0b111)
    #expect(ServerSet(first: 64).count == 64)
    #expect(ServerSet(first: 2).others.first == 2)
    #expect(ServerSet(first: 64).others.isEmpty)
  }
}
