import Bytes
import Policy
import Testing
import Wire

@Suite struct `Cache-Status` {
  private func text(_ status: CacheStatus, name: String = "edge1") throws -> String {
    let snapshot = try oneSite(name: name)
    var buffer = [UInt8](repeating: 0, count: PolicyLimits.cacheStatusBytesMax)
    return unsafe buffer.withUnsafeMutableBytes { bytes in
      var writer = unsafe HeadWriter(bytes)
      status.append(to: &writer, snapshot: snapshot)
      let hasOverflowed = writer.hasOverflowed
      #expect(!hasOverflowed)
      var text: [UInt8] = []
      for index in writer.written.indices { text.append(writer.written[index]) }
      return String(decoding: text, as: UTF8.self)
    }
  }

  @Test func `tells a hit with what is left`() throws {
    var status = CacheStatus(.hit)
    status.left = Milliseconds(12_999)
    #expect(try text(status) == "edge1;hit;ttl=12")

    status.left = Milliseconds(-1)
    status.detail = .staleIfError
    #expect(try text(status) == "edge1;hit;ttl=-1;detail=stale-if-error")
  }

  @Test func `tells why a request went forward and what came of it`() throws {
    var status = CacheStatus(.forward(.uriMiss))
    status.forwardStatus = 200
    status.isStored = true
    status.isCollapsed = true
    status.left = Milliseconds(2000)

    #expect(try text(status) == "edge1;fwd=uri-miss;fwd-status=200;ttl=2;stored;collapsed")
    #expect(try text(CacheStatus(.forward(.varyMiss))) == "edge1;fwd=vary-miss")
    #expect(try text(CacheStatus(.forward(.stale))) == "edge1;fwd=stale")
    #expect(try text(CacheStatus(.forward(.partial))) == "edge1;fwd=partial")
    #expect(try text(CacheStatus(.forward(.miss))) == "edge1;fwd=miss")
  }

  @Test(arguments: [
    (PassReason.method, "method"), (.bypass, "bypass"), (.session, "bypass"), (.key, "bypass"),
    (.body, "request"),
  ])
  func `has a word for every pass`(reason: PassReason, word: String) throws {
    #expect(try text(CacheStatus(.forward(CacheStatus.Forward(reason)))) == "edge1;fwd=\(word)")
  }

  @Test func `says neither hit nor forward where only the cache was asked`() throws {
    var status = CacheStatus(.none)
    status.detail = .onlyIfCached

    #expect(try text(status) == "edge1;detail=only-if-cached")
  }

  @Test func `quotes a name that is no token`() throws {
    #expect(try text(CacheStatus(.hit), name: "1edge") == "\"1edge\";hit")
  }

  @Test func `fits its bound with the longest name`() throws {
    var status = CacheStatus(.forward(.uriMiss))
    status.forwardStatus = 599
    status.left = Milliseconds(.max)
    status.isStored = true
    status.isCollapsed = true
    status.detail = .staleWhileRevalidate

    let name = "1" + String(repeating: "x", count: PolicyLimits.nameBytesMax - 1)
    #expect(try text(status, name: name).utf8.count <= PolicyLimits.cacheStatusBytesMax)
  }
}
