/// A body that is copied but for a few pieces, which are replaced in their order.
struct PlaylistEdit {
  private var output: [UInt8] = []
  private var position = 0

  /// Replaces `range` of the body, which lies behind all that was replaced before.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8], in body: Span<UInt8>) {
    output.append(body.extracting(position..<range.lowerBound))
    output += bytes
    position = range.upperBound
  }

  /// All of the body.
  consuming func finish(_ body: Span<UInt8>) -> [UInt8] {
    output.append(body.from(position))
    return output
  }
}
