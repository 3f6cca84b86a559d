import Bytes
import Testing

@testable import Origin

@Suite struct `Playlists that reach their origin too often` {
  private let path = Array("/live/main.m3u8".utf8)

  private func at(_ milliseconds: Int) -> Instant {
    Instant(nanoseconds: 1_000_000 * Int64(milliseconds))
  }

  @Test func `are named with how often, for as long as it goes on`() {
    var playlists = BusyPlaylists()
    for time in stride(from: 0, to: 20_000, by: 100) {
      playlists.note(path, site: 2, at: at(time))
    }
    let during = playlists.busy(at: at(19_999))
    #expect(during == [BusyPlaylist(site: 2, path: path, perSecond: 10)])
    #expect(playlists.busy(at: at(29_999)) == during)
    #expect(playlists.busy(at: at(30_000)) == [])
  }

  @Test func `are not those that are asked for as often as they are kept`() {
    var playlists = BusyPlaylists()
    for time in stride(from: 0, to: 30_000, by: 200) {
      playlists.note(path, site: 0, at: at(time))
    }
    #expect(playlists.busy(at: at(29_999)) == [])
  }

  @Test func `are told apart by site, the worst first`() {
    var playlists = BusyPlaylists()
    for time in stride(from: 0, to: 10_000, by: 50) {
      for _ in 0...(time % 100 / 50) { playlists.note(path, site: 1, at: at(time)) }
      playlists.note(path, site: 0, at: at(time))
    }
    #expect(playlists.busy(at: at(10_001)).map(\.site) == [1, 0])
    #expect(playlists.busy(at: at(10_001)).map(\.perSecond) == [30, 20])
  }

  @Test func `are bounded in number, and make room for others when they rest`() {
    var playlists = BusyPlaylists()
    for number in 0...OriginLimits.busyPlaylistsMax {
      let name = Array("/\(number).m3u8".utf8)
      for _ in 0..<60 { playlists.note(name, site: 0, at: at(number % 10)) }
    }
    #expect(playlists.busy(at: at(10_000)).count == OriginLimits.busyPlaylistsMax)
    for _ in 0..<60 { playlists.note(path, site: 0, at: at(40_000)) }
    #expect(playlists.busy(at: at(50_000)).map(\.path) == [path])
  }
}
