internal import Bytes
internal import Policy
internal import Wire

// A head that comes back from a volume.
extension StoredHead {
  /// Restores a head from its rendered block; `nil` where that is not lines of fields.
  init?(
    status: UInt16, block: Span<UInt8>, via: [UInt8], cacheStatus: [UInt8], now: WallTime
  ) {
    guard (200...999).contains(status), block.count <= Int(UInt16.max) else { return nil }
    self.init()
    self.status = status
    var start = 0
    while start < block.count {
      guard let line = StoredHead.line(at: start, of: block) else { return nil }
      append(
        FieldName(block.extracting(start..<line.nameEnd)),
        name: block.extracting(start..<line.nameEnd),
        value: block.extracting(line.nameEnd + 2..<line.end))
      start = line.end + 2
    }
    keepUpstream(via: via, cacheStatus: cacheStatus)
    finish(received: now)
  }

  /// Where the name and the value of the line at `start` end.
  private static func line(
    at start: Int, of block: Span<UInt8>
  ) -> (nameEnd: Int, end: Int)? {
    var nameEnd = start
    while nameEnd < block.count, block[nameEnd].isTokenCharacter { nameEnd += 1 }
    guard nameEnd > start, nameEnd + 2 <= block.count, block[nameEnd] == UInt8(ascii: ":"),
      block[nameEnd + 1] == UInt8(ascii: " ")
    else { return nil }
    var end = nameEnd + 2
    while end < block.count, block[end] != 13, block[end] != 10 { end += 1 }
    guard end + 2 <= block.count, block[end] == 13, block[end + 1] == 10 else { return nil }
    return (nameEnd, end)
  }
}
