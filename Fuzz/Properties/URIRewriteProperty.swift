import Streams

/// Rewrites the URIs of any bytes: never traps, settles at once, and touches nothing else.
enum URIRewriteProperty {
  private static let plain = URIRewrite()
  private static let whole = URIRewrite(
    authorities: [Array("origin.example.com".utf8), Array("a:8080".utf8)], epoch: 3)
  private static let prefixed = URIRewrite(
    authorities: [Array("origin.example.com".utf8)], pathPrefix: Array("/root".utf8))
  private static let urls = OriginURLs(authorities: [Array("origin.example.com".utf8)])

  static func check(_ bytes: [UInt8]) {
    precondition(plain.rewrite(bytes.span) == bytes, "rewritten with nothing to do")
    _ = prefixed.rewrite(bytes.span)
    let rewritten = whole.rewrite(bytes.span)
    precondition(whole.rewrite(rewritten.span) == rewritten, "it changes every time")
    precondition(lines(rewritten) == lines(bytes), "another number of lines")
    checkMedia(rewritten, of: bytes)
    checkURLs(bytes)
    checkMark(bytes)
  }

  /// What leads through the edge does so at once, and is never an empty reference.
  private static func checkURLs(_ bytes: [UInt8]) {
    guard case .rewritten(let text) = urls.rewriting(bytes.span) else { return }
    precondition(urls.rewriting(text.span) == .unchanged, "URLs change every time")
    if let path = urls.path(of: bytes.span) {
      precondition(path.first == UInt8(ascii: "/"), "a redirect to nowhere")
    }
  }

  private static func lines(_ bytes: [UInt8]) -> Int {
    bytes.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
  }

  private static func checkMedia(_ rewritten: [UInt8], of bytes: [UInt8]) {
    guard let before = MediaPlaylist.read(bytes.span) else { return }
    guard let after = MediaPlaylist.read(rewritten.span) else {
      preconditionFailure("no playlist any more")
    }
    precondition(after.lastSequence == before.lastSequence, "another last number")
    precondition(
      after.segments.map(\.duration) == before.segments.map(\.duration), "other durations")
    precondition(
      after.segments.map(\.map?.byteRange) == before.segments.map(\.map?.byteRange), "other maps")
    precondition(after.parts.count == before.parts.count, "other parts")
  }

  /// What is taken out of a query is what was put in.
  private static func checkMark(_ query: [UInt8]) {
    guard let (epoch, rest) = URIRewrite.removingMark(query.span) else { return }
    precondition((1...999_999).contains(epoch), "no epoch")
    precondition(rest.count < query.count, "nothing was taken out")
  }
}
