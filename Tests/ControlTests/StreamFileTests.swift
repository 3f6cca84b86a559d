import Bytes
import Glibc
import Streams
import Testing

@testable import Control

@Suite struct `The file of live playlists` {
  private func record(_ name: UInt64, edge: UInt64) -> StreamRecord {
    StreamRecord(
      name: Hash128(low: name, high: 1), site: 1, root: Array("/a.m3u8".utf8),
      path: Array("/a.m3u8".utf8), epoch: 0, servers: [1],
      edge: .init(number: edge, discontinuity: 0, end: nil), changedAt: WallTime(milliseconds: 1))
  }

  /// A file name that nobody has, gone after the test.
  private func withPath(_ body: (String) throws -> Void) rethrows {
    let path = "/tmp/spillway-streams-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    defer { unlink(path) }
    try body(path)
  }

  private func edges(_ file: StreamFile) -> [UInt64] { file.records().map(\.edge.number).sorted() }

  @Test func `has the newest record of each playlist after a restart`() throws {
    try withPath { path in
      do {
        let file = try StreamFile(path: path)
        for edge: UInt64 in 1...7 { file.write(record(1, edge: edge)) }
        file.write(record(2, edge: 100))
      }
      #expect(try edges(StreamFile(path: path)) == [7, 100])
    }
  }

  @Test func `falls back to the record before where a crash tore the newest`() throws {
    try withPath { path in
      do {
        let file = try StreamFile(path: path)
        file.write(record(1, edge: 1))
        file.write(record(1, edge: 2))
      }
      // The second record lies in the first half of its place.
      let descriptor = unsafe open(path, O_WRONLY)
      let torn = unsafe pwrite(descriptor, [0xFF, 0xFF, 0xFF], 3, 100)
      close(descriptor)
      #expect(torn == 3)
      #expect(try edges(StreamFile(path: path)) == [1])
    }
  }

  @Test func `takes the oldest places once all are used`() throws {
    try withPath { path in
      let file = try StreamFile(path: path)
      for name: UInt64 in 1...4100 { file.write(record(name, edge: name)) }
      let again = try StreamFile(path: path)
      #expect(again.records().count == 4096)
      #expect(edges(again).last == 4100)
    }
  }
}
