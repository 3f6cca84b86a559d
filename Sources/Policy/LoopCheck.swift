internal import Wire

/// Finds requests that come back to the node which forwarded them: RFC 8586.
enum LoopCheck {
  /// Whether a CDN-Loop field lists `name`, or more members than a sane chain has.
  static func loops(_ head: borrowing RequestHead, bytes: Span<UInt8>, name: [UInt8]) -> Bool {
    var count = 0
    var line = head.fields.firstIndex(of: .cdnLoop)
    while let index = line {
      let value = head.fields[index].value
      if CDNLoop.count(of: name.span, in: bytes.slice(value)) > 0 { return true }
      var members = TokenList(value)
      while members.next(in: bytes) != nil { count += 1 }
      line = head.fields.nextIndex(of: .cdnLoop, after: index)
    }
    return count > PolicyLimits.loopEntriesMax
  }
}
