/// Which object leaves memory first: S3-FIFO over the objects of one shard.
///
/// New objects enter a small queue of a tenth of the bytes; only what was hit there moves on to the
/// main queue, so a scan of any length passes through the small queue and leaves the hot set alone.
/// A ghost ring remembers what left the small queue: if it comes back it enters the main queue.
/// (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023.)
///
/// A value owned by its shard and used under the shard's lock.
public struct EvictionOrder: ~Copyable {
  /// How far a search for a victim goes.
  public enum Reach: Sendable {
    /// Only what is new and was not hit since it came: a scan.
    case young
    /// Whatever was not hit since it was last asked.
    case unused
    /// Anything.
    case all
  }

  private enum Queue: UInt8 { case none, small, main }

  private struct Node {
    var previous: Int32 = -1
    var next: Int32 = -1
    var queue = Queue.none
    var weight = 0
    var mark: UInt64 = 0
  }

  private struct Line {
    var first: Int32 = -1
    var last: Int32 = -1
    var weight = 0
  }

  private var nodes: [Node] = []
  private var free: [Int32] = []
  private var small = Line()
  private var main = Line()
  private var ghosts: [UInt64]
  private var ghostSet: Set<UInt64> = []
  private var ghostCursor = 0

  /// Makes an empty order that remembers `ghosts` departed objects.
  public init(ghosts: Int) { self.ghosts = Array(repeating: 0, count: max(1, ghosts)) }

  /// Bytes of all objects in the order.
  public var weight: Int { small.weight + main.weight }

  /// Adds an object of `weight` bytes at the young end; `mark` is its hash, for the ghosts.
  ///
  /// - Returns: its place, valid until `remove` or until `victim` returns it.
  public mutating func admit(weight: Int, mark: UInt64) -> Int32 {
    let place: Int32
    if let reused = free.popLast() {
      place = reused
    } else {
      place = Int32(nodes.count)
      nodes.append(Node())
    }
    let known = ghostSet.remove(mark) != nil
    nodes[Int(place)] = Node(weight: weight, mark: mark)
    pushYoung(place, to: known ? .main : .small)
    return place
  }

  /// Takes an object out: it was replaced or purged.
  public mutating func remove(_ place: Int32) {
    unlink(place)
    free.append(place)
  }

  /// Chooses and removes the object to evict.
  ///
  /// A cache of many orders asks them in turn with a growing reach, so that an order that happens
  /// to hold only hot objects does not have to give one up while others hold cold ones.
  /// - Parameters:
  ///   - reach: how far to go.
  ///   - wasHit: asked about a place; answers whether it was hit since it was last asked.
  /// - Returns: its place, no longer valid; `nil` when there is none within reach.
  public mutating func victim(_ reach: Reach = .all, wasHit: (Int32) -> Bool) -> Int32? {
    // Each object is asked once: its mark is cleared, so the next search finds it.
    for _ in 0..<(nodes.count - free.count) {
      if small.last >= 0, small.weight * 10 >= weight || main.last < 0 {
        let place = small.last
        unlink(place)
        if wasHit(place) {
          pushYoung(place, to: .main)
          continue
        }
        remember(nodes[Int(place)].mark)
        free.append(place)
        return place
      }
      guard main.last >= 0, reach != .young else { break }
      let place = main.last
      unlink(place)
      if wasHit(place) {
        pushYoung(place, to: .main)
        continue
      }
      free.append(place)
      return place
    }
    let place = small.last >= 0 ? small.last : main.last
    guard reach == .all, place >= 0 else { return nil }
    remove(place)
    return place
  }

  private mutating func remember(_ mark: UInt64) {
    ghostSet.remove(ghosts[ghostCursor])
    ghosts[ghostCursor] = mark
    ghostSet.insert(mark)
    ghostCursor = (ghostCursor + 1) % ghosts.count
  }

  private mutating func pushYoung(_ place: Int32, to queue: Queue) {
    let weight = nodes[Int(place)].weight
    var line = queue == .small ? small : main
    nodes[Int(place)].queue = queue
    nodes[Int(place)].previous = -1
    nodes[Int(place)].next = line.first
    if line.first >= 0 { nodes[Int(line.first)].previous = place }
    line.first = place
    if line.last < 0 { line.last = place }
    line.weight += weight
    if queue == .small { small = line } else { main = line }
  }

  private mutating func unlink(_ place: Int32) {
    let node = nodes[Int(place)]
    precondition(node.queue != .none, "an object is removed from an order it is not in")
    var line = node.queue == .small ? small : main
    if node.previous >= 0 {
      nodes[Int(node.previous)].next = node.next
    } else {
      line.first = node.next
    }
    if node.next >= 0 {
      nodes[Int(node.next)].previous = node.previous
    } else {
      line.last = node.previous
    }
    line.weight -= node.weight
    if node.queue == .small { small = line } else { main = line }
    nodes[Int(place)].queue = .none
  }
}
