import Bytes
import Streams

/// Rewrites any bytes as a manifest, and bridges from them to what stands behind their first NUL:
/// never traps, and what comes out is a manifest that says the same again.
enum ManifestTextProperty {
  static func check(_ bytes: [UInt8]) {
    let parts = bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    let first = Array(parts.first ?? [])
    let second = parts.count > 1 ? Array(parts[1]) : first
    checkURLs(first)
    checkURLs(second)
    checkTimes(first, second)
    checkBridge(first, second)
  }

  private static func checkURLs(_ bytes: [UInt8]) {
    let stranger = ManifestServer(authority: Array("no.such.server.invalid".utf8))
    guard let same = ManifestText.rewriting(bytes.span, servers: [stranger]) else { return }
    precondition(same == bytes, "bytes changed without need")
    let server = ManifestServer(authority: Array("a.example".utf8), pathPrefix: Array("/b".utf8))
    guard let once = ManifestText.rewriting(bytes.span, servers: [server], epoch: 7) else {
      preconditionFailure("what could be read could not be rewritten")
    }
    // With its marks a tag or a URL may be longer than what is read.
    guard bytes.count < StreamsLimits.uriLineBytesMax / 2 else { return }
    let twice = ManifestText.rewriting(once.span, servers: [server], epoch: 7)
    precondition(twice == once, "it is not the same when it is rewritten again")
    precondition(
      Manifest.read(bytes.span)?.periods.count == Manifest.read(once.span)?.periods.count,
      "a period came or went")
  }

  private static func checkTimes(_ first: [UInt8], _ second: [UInt8]) {
    guard let left = Manifest.read(first.span), let right = Manifest.read(second.span) else {
      return
    }
    for now in [Int64.min, 0, 1_795_650_600_000, .max] {
      let earlier = ManifestProgress(of: left, now: Milliseconds(now))
      let later = ManifestProgress(of: right, now: Milliseconds(now))
      precondition(earlier.change(since: earlier) == .unchanged, "it differs from itself")
      _ = later.change(since: earlier)
    }
    _ = ManifestAlignment.between(left, right)
  }

  private static func checkBridge(_ first: [UInt8], _ second: [UInt8]) {
    guard let start = Manifest.read(first.span)?.availabilityStartTime else { return }
    var now = start.count + 60_000
    guard var bridge = ManifestBridge(first: first.span) else { return }
    var ends = bridge
    checkSent(ends.end(now: Milliseconds(now)), start)
    for (epoch, body) in [second, first, second].enumerated() {
      bridge.switchOrigin(at: Milliseconds(now))
      now += 20_000
      let sent = bridge.next(body.span, epoch: UInt64(epoch) + 1, now: Milliseconds(now))
      checkSent(sent, start)
      let again = bridge.next(body.span, epoch: UInt64(epoch) + 1, now: Milliseconds(now))
      precondition(sent == nil || again == sent, "it changed without need")
      _ = bridge.next(body.span, epoch: UInt64(epoch) + 1, now: Milliseconds(.max))
    }
  }

  private static func checkSent(_ sent: [UInt8]?, _ start: Milliseconds) {
    guard let sent else { return }
    guard let manifest = Manifest.read(sent.span) else {
      preconditionFailure("what was sent is no manifest")
    }
    precondition(manifest.availabilityStartTime == start, "another start of availability")
  }
}
