import Bytes
import Glibc
import Streams
import Testing

@testable import Control

@Suite struct `The file of live playlists` {
  private func record(_ name: UInt64, edge: UInt64) -> StreamRecord {
    StreamRecord(
      presentation: presentation(name, "/a.m3u8"), path: Array("/a.m3u8".utf8),
      edge: .init(number: edge, discontinuity: 0, end: nil))
  }

  private func record(_ name: UInt64, epoch: UInt32) throws -> ManifestRecord {
    let body = Array(
      """
      <MPD type="dynamic" availabilityStartTime="2026-11-01T00:00:00Z"><Period start="PT0S">
      </Period></MPD>
      """.utf8)
    let bridge = ManifestBridge(first: body.span)
    return ManifestRecord(
      presentation: presentation(name, "/a.mpd", epoch: epoch), bridge: try #require(bridge))
  }

  private func presentation(
    _ name: UInt64, _ root: String, epoch: UInt32 = 0
  ) -> RecordedPresentation {
    RecordedPresentation(
      name: Hash128(low: name, high: 1), site: 1, root: Array(root.utf8), epoch: epoch,
      servers: [1], changedAt: WallTime(milliseconds: 1))
  }

  /// A folder that nobody has, gone after the test.
  private func withFolder(_ body: (String) throws -> Void) rethrows {
    let path = "/tmp/spillway-streams-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    mkdir(path, 0o700)
    defer {
      unlink(path + "/streams")
      unlink(path + "/manifests")
      rmdir(path)
    }
    try body(path)
  }

  private func edges(_ file: StreamFile) -> [UInt64] { file.records().map(\.edge.number).sorted() }

  @Test func `has the newest record of each playlist after a restart`() throws {
    try withFolder { path in
      do {
        let file = try StreamFile(folder: path)
        for edge: UInt64 in 1...7 { file.write(record(1, edge: edge)) }
        file.write(record(2, edge: 100))
      }
      #expect(try edges(StreamFile(folder: path)) == [7, 100])
    }
  }

  @Test func `has the manifests of DASH presentations as well`() throws {
    try withFolder { path in
      do {
        let file = try StreamFile(folder: path)
        for epoch: UInt32 in 1...3 { file.write(try record(1, epoch: epoch)) }
        file.write(try record(2, epoch: 9))
      }
      let again = try StreamFile(folder: path).manifestRecords()
      #expect(again.map(\.presentation.epoch).sorted() == [3, 9])
    }
  }

  @Test func `falls back to the record before where a crash tore the newest`() throws {
    try withFolder { path in
      do {
        let file = try StreamFile(folder: path)
        file.write(record(1, edge: 1))
        file.write(record(1, edge: 2))
      }
      // The second record lies in the first half of its place.
      let descriptor = unsafe open(path + "/streams", O_WRONLY)
      let torn = unsafe pwrite(descriptor, [0xFF, 0xFF, 0xFF], 3, 100)
      close(descriptor)
      #expect(torn == 3)
      #expect(try edges(StreamFile(folder: path)) == [1])
    }
  }

  @Test func `takes the oldest places once all are used`() throws {
    try withFolder { path in
      let file = try StreamFile(folder: path)
      for name: UInt64 in 1...4100 { file.write(record(name, edge: name)) }
      let again = try StreamFile(folder: path)
      #expect(again.records().count == 4096)
      #expect(edges(again).last == 4100)
    }
  }
}
