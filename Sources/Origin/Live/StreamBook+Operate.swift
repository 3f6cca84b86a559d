public import Bytes
internal import Policy

// What operators see of the live presentations, and their orders.
extension StreamBook {
  /// Every live presentation, in no order.
  ///
  /// The table is copied under the lock, and read outside of it: fills wait for a moment only.
  public func rows(at now: Instant) -> [StreamRow] {
    let (known, idle) = lock.withLock {
      let known = presentations
      let idle = watched.values.filter { seen in
        owner(of: seen.path.span, site: seen.site).map { known[$0] == nil } ?? true
      }
      return (known, idle)
    }
    return known.values.map { row(of: $0, at: now) }
      + idle.map { $0.row(origin: snapshot.site($0.site).origin, at: now) }
  }

  /// The presentation that an object belongs to; `nil` where it belongs to none.
  public func row(ofPath path: Span<UInt8>, site: Int, at now: Instant) -> StreamRow? {
    lock.lock()
    defer { lock.unlock() }
    guard let key = owner(of: path, site: site) else { return nil }
    return presentations[key].map { row(of: $0, at: now) }
  }

  private func row(of presentation: LivePresentation, at now: Instant) -> StreamRow {
    let origin = snapshot.site(presentation.site).origin
    return presentation.row(origin: origin, twins: snapshot.origins[origin].twins, at: now)
  }

  /// An operator's order for presentations.
  public enum Order: Sendable, Equatable {
    /// They come from this server, whatever is seen of it; `nil` takes that back.
    case pin(server: Int?)
    /// An end is passed on whatever twins say; false takes that back.
    case end(Bool)

    /// What timelines say.
    fileprivate var text: String {
      switch self {
      case .pin(let server): server == nil ? "unpin" : "pin"
      case .end(let isOver): isOver ? "end" : "end-undo"
      }
    }
  }

  /// Gives an order for all presentations that `isMeant` names.
  ///
  /// - Returns: For how many it holds.
  public func order(
    _ order: Order, at wall: WallTime, isMeant: (_ site: Int, _ root: [UInt8]) -> Bool
  ) -> Int {
    lock.lock()
    defer { lock.unlock() }
    var count = 0
    for (key, found) in presentations where isMeant(found.site, found.root) {
      var presentation = found
      presentation.timeline.now = wall
      switch order {
      case .pin(let server):
        presentation.timeline.add(.ordered, to: server, order: order.text)
        presentation.pinned = server
      case .end(let isOver):
        presentation.timeline.add(.ordered, order: order.text)
        presentation.passesEnds = isOver
      }
      presentations[key] = presentation
      count += 1
    }
    return count
  }

  /// Fetches of an origin prefer other servers than this one from now on, or no longer do.
  ///
  /// No presentation stays with it longer than its next poll at which a twin can go on.
  ///
  /// - Returns: Whether that changes anything.
  public func drain(_ isDrained: Bool, server: Int, ofOrigin origin: Int) -> Bool {
    health.drain(places[origin][server], isDrained)
  }

  /// Whether an operator drains a server.
  public func isDrained(_ server: Int, ofOrigin origin: Int, at now: Instant) -> Bool {
    health.view(of: places[origin], at: now).drained.contains(server)
  }
}
