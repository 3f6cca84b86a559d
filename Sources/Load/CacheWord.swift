internal import Wire

/// What caches say in Cache-Status (RFC 9211).
enum CacheWord {
  /// Whether the last Cache-Status line of an answer says so.
  static func saysHit(_ head: borrowing ResponseHead, in bytes: Span<UInt8>) -> Bool {
    var line = head.fields.firstIndex(of: .cacheStatus)
    var last: Int?
    while let index = line {
      last = index
      line = head.fields.nextIndex(of: .cacheStatus, after: index)
    }
    return last.map { saysHit(bytes.slice(head.fields[$0].value)) } ?? false
  }

  /// Whether the last member of the value, the cache nearest to us, has the parameter `hit`.
  static func saysHit(_ value: Span<UInt8>) -> Bool {
    var list = TokenList(value.wholeRange)
    var last = ByteRange.empty
    while let member = list.next(in: value) { last = member }
    let member = value.slice(last)
    var start = 0
    for index in 0...member.count
    where index == member.count || member[index] == UInt8(ascii: ";") {
      var from = start
      while from < index, member[from] == 0x20 { from += 1 }
      if start > 0, member.extracting(from..<index).equals("hit") { return true }
      start = index + 1
    }
    return false
  }
}
