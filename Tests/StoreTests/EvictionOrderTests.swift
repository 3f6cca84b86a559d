import Bytes
import Store
import Testing

/// A shard as a test sees it: objects by mark, their places, and which were hit.
private struct Shelf: ~Copyable {
  var order: EvictionOrder
  var places: [Int32: UInt64] = [:]
  var weights: [UInt64: Int] = [:]
  var hits: Set<UInt64> = []

  init(ghosts: Int = 512) { order = EvictionOrder(ghosts: ghosts) }

  mutating func admit(_ mark: UInt64, weight: Int = 1) {
    places[order.admit(weight: weight, mark: mark)] = mark
    weights[mark] = weight
  }

  mutating func remove(_ mark: UInt64) {
    guard let place = places.first(where: { $0.value == mark })?.key else { return }
    order.remove(place)
    places[place] = nil
    weights[mark] = nil
  }

  mutating func evict(_ reach: EvictionOrder.Reach = .all) -> UInt64? {
    let place = order.victim(reach) { place in
      guard let mark = places[place] else { return false }
      return hits.remove(mark) != nil
    }
    guard let place, let mark = places.removeValue(forKey: place) else { return nil }
    weights[mark] = nil
    return mark
  }

  /// The marks of all objects that are still there.
  var held: Set<UInt64> { Set(weights.keys) }
}

@Suite struct `An eviction order` {
  @Test func `has no victim when it is empty`() {
    var shelf = Shelf()

    let victim = shelf.evict()

    #expect(victim == nil)
    #expect(shelf.order.weight == 0)
  }

  @Test func `lets what came first and was never hit leave first`() {
    var shelf = Shelf()
    for mark in 1...5 as ClosedRange<UInt64> { shelf.admit(mark) }

    let victims = (0..<5).map { _ in shelf.evict() }

    #expect(victims == [1, 2, 3, 4, 5])
  }

  @Test func `keeps what was hit while something else was not`() {
    var shelf = Shelf()
    for mark in 1...4 as ClosedRange<UInt64> { shelf.admit(mark) }
    shelf.hits = [1, 2]

    let victims = (0..<2).map { _ in shelf.evict() }

    #expect(victims == [3, 4])
    let held = shelf.held
    #expect(held == [1, 2])
  }

  @Test func `keeps a hot set through a scan of ten times its size`() {
    var shelf = Shelf()
    let hot: ClosedRange<UInt64> = 1...500
    for mark in hot { shelf.admit(mark) }
    shelf.hits = Set(hot)
    for mark in 501...1000 as ClosedRange<UInt64> { shelf.admit(mark) }

    for mark in 1001...11_000 as ClosedRange<UInt64> {
      _ = shelf.evict()
      shelf.admit(mark)
    }

    let held = shelf.held
    #expect(held.isSuperset(of: hot))
    #expect(shelf.order.weight == 1000)
  }

  @Test func `puts what comes back soon after it left among the proven`() {
    var shelf = Shelf()
    for mark in 1...20 as ClosedRange<UInt64> { shelf.admit(mark) }
    let first = shelf.evict()

    shelf.admit(1)
    for mark in 100...200 as ClosedRange<UInt64> {
      shelf.admit(mark)
      _ = shelf.evict()
    }

    #expect(first == 1)
    let held = shelf.held
    #expect(held.contains(1))
  }

  @Test func `forgets what left long ago`() {
    var shelf = Shelf(ghosts: 4)
    for mark in 1...20 as ClosedRange<UInt64> { shelf.admit(mark) }
    for _ in 0..<10 { _ = shelf.evict() }

    shelf.admit(1)
    for mark in 100...200 as ClosedRange<UInt64> {
      shelf.admit(mark)
      _ = shelf.evict()
    }

    let held = shelf.held
    #expect(!held.contains(1))
  }

  @Test func `gives up nothing hit when asked for what is young or unused`() {
    var shelf = Shelf()
    for mark in 1...3 as ClosedRange<UInt64> { shelf.admit(mark) }
    shelf.hits = [1, 2, 3]

    let young = shelf.evict(.young)
    shelf.hits = [1, 2, 3]
    let unused = shelf.evict(.unused)
    let next = shelf.evict(.unused)

    #expect(young == nil && unused == nil)
    #expect(next != nil, "its marks were cleared by the search before")
  }

  @Test func `does not look among the proven for a young one`() {
    var shelf = Shelf()
    shelf.admit(1)
    shelf.hits = [1]
    _ = shelf.evict(.young)

    let young = shelf.evict(.young)
    let unused = shelf.evict(.unused)

    #expect(young == nil && unused == 1)
  }

  @Test func `finds a victim even when everything is hit all the time`() {
    var shelf = Shelf()
    for mark in 1...10 as ClosedRange<UInt64> { shelf.admit(mark) }

    let place = shelf.order.victim { _ in true }

    #expect(place != nil)
    #expect(shelf.order.weight == 9)
  }

  @Test func `traps when an object is removed twice`() async {
    await #expect(processExitsWith: .failure) {
      var order = EvictionOrder(ghosts: 4)
      let place = order.admit(weight: 1, mark: 1)
      order.remove(place)
      order.remove(place)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func `agrees with a model whatever happens`(_ seed: UInt64) {
    var random = RandomSource(seed: seed)
    var shelf = Shelf(ghosts: 64)
    var next: UInt64 = 1

    for _ in 0..<5000 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<5:
        let isReturning = next > 10 && Bool.random(using: &random)
        let mark = isReturning ? UInt64.random(in: 1..<next, using: &random) : next
        next += 1
        if !shelf.held.contains(mark) {
          shelf.admit(mark, weight: Int.random(in: 1...1000, using: &random))
        }
      case 5..<7:
        if let mark = shelf.weights.keys.randomElement(using: &random) { shelf.hits.insert(mark) }
      case 7:
        if let mark = shelf.weights.keys.randomElement(using: &random) { shelf.remove(mark) }
      default:
        let victim = shelf.evict()
        #expect(victim != nil || shelf.order.weight == 0)
      }
      #expect(shelf.order.weight == shelf.weights.values.reduce(0, +))
      #expect(shelf.places.count == shelf.weights.count)
    }

    while shelf.evict() != nil {}
    #expect(shelf.order.weight == 0 && shelf.places.isEmpty)
  }
}
