import Bytes
import Streams

/// Reads any bytes as a manifest: never traps, and the facts do not depend on the cuts.
///
/// The first byte of the input chooses the pieces; the rest is the body.
enum ManifestProperty {
  static func check(_ bytes: [UInt8]) {
    let input = bytes.span
    guard bytes.count > 0 else { return }
    let piece = 1 + Int(input[0]) % 67
    let body = input.extracting(1..<bytes.count)

    let whole = ManifestFacts.read(body)
    var reader = ManifestReader()
    var index = 0
    while index < body.count {
      let end = min(index + piece, body.count)
      reader.feed(body.extracting(index..<end))
      index = end
    }

    precondition(reader.finish() == whole, "the facts depend on the cuts")
    if let duration = whole?.segmentDuration {
      precondition(
        duration >= .zero && duration <= StreamsLimits.durationMax, "an unbounded duration")
    }
  }
}
