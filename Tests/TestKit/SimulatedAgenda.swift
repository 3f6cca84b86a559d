import Bytes

/// What will happen in a simulated world, by time; equal times keep the order of scheduling.
struct SimulatedAgenda {
  private struct Item {
    let time: Instant
    let number: UInt64
    let action: () -> Void

    func comes(before other: Item) -> Bool {
      time == other.time ? number < other.number : time < other.time
    }
  }

  private var heap: [Item] = []
  private var scheduled: UInt64 = 0

  /// When the next thing happens.
  var next: Instant? { heap.first?.time }

  /// Lets `action` happen at `time`.
  mutating func add(at time: Instant, _ action: @escaping () -> Void) {
    scheduled += 1
    heap.append(Item(time: time, number: scheduled, action: action))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].comes(before: heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the next thing that happens at `time` or earlier.
  mutating func take(until time: Instant) -> (() -> Void)? {
    guard let first = heap.first, first.time <= time else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first.action }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].comes(before: heap[least]) { least = child }
      }
      guard least != parent else { return first.action }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
