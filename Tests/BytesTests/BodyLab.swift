import Bytes

/// One Body with what a writer and a reader need.
final class BodyLab {
  let arena: Arena
  let body: Body
  private let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

  init(arena: Arena) {
    self.arena = arena
    body = Body(arena: arena)
  }

  convenience init(blocks: Int) throws {
    self.init(arena: try Arena(bytes: blocks * BytesLimits.blockBytes))
  }

  deinit { scratch.deallocate() }

  /// Appends all of `bytes`, which must fit.
  func append(_ bytes: [UInt8]) { _ = body.append(bytes.span) }

  func next(
    _ offset: UInt64, limit: Int = 1 << 30, worker: Int = 0, isCopyist: Bool = false
  ) -> BodyPiece {
    body.next(
      offset: offset, limit: limit, worker: worker, scratch: scratch, isCopyist: isCopyist)
  }

  /// The bytes of a piece that was just pulled.
  func bytes(of piece: BodyPiece) -> [UInt8] {
    switch piece {
    case .range(let range): Array(arena.bytes(offset: range.offset, count: range.count))
    case .copied(let count, _): Array(scratch[..<count])
    case .wait, .end, .aborted, .lapped, .file, .absent: []
    }
  }

  /// Pulls a copy out of a window.
  func copy(_ offset: UInt64) -> (bytes: [UInt8], wakesWriter: Bool) {
    let piece = next(offset)
    guard case .copied(_, let wakesWriter) = piece else { return ([], false) }
    return (bytes(of: piece), wakesWriter)
  }

  /// Every byte from `offset` on, pulled piece by piece.
  func readAll(from offset: UInt64 = 0) -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let piece = next(offset + UInt64(all.count), limit: 50_000)
      let part = bytes(of: piece)
      guard !part.isEmpty else { return all }
      all += part
      if case .range(let range) = piece, range.isPinned { _ = body.unpin() }
    }
  }
}

/// Bytes that tell their place.
func pattern(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}
