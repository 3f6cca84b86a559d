import Bytes
import Testing

@Suite struct `A hash of a key` {
  @Test func `is XXH3-128`() {
    let empty: [UInt8] = []

    let hash = Hash128(of: empty.span)

    // The published value of XXH3_128bits for no input and seed 0.
    #expect(hash == Hash128(low: 0x6001_C324_468D_497F, high: 0x99AA_06D3_0147_98D8))
  }

  @Test func `depends on every byte and on the seed`() {
    let text = Array("/live/segment-1.m4s".utf8)
    var seen: Set<Hash128> = [Hash128(of: text.span), Hash128(of: text.span, seed: 1)]

    for index in text.indices {
      var other = text
      other[index] ^= 1
      seen.insert(Hash128(of: other.span))
    }

    #expect(seen.count == text.count + 2)
  }

  @Test func `of a variant depends on its key and on its values`() {
    let first = Hash128(of: Array("/a".utf8).span)
    let second = Hash128(of: Array("/b".utf8).span)
    let gzip = Array("gzip".utf8)
    let plain = Array("identity".utf8)

    let variants: Set<Hash128> = [
      first.combined(with: gzip.span), first.combined(with: plain.span),
      second.combined(with: gzip.span), second.combined(with: plain.span), first, second,
    ]

    #expect(variants.count == 6)
    #expect(first.combined(with: gzip.span) == first.combined(with: gzip.span))
  }
}
