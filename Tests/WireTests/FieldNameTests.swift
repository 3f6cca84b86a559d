import Testing

@testable import Wire

@Suite struct `A field name` {
  @Test func `is recognised in any case, and only itself`() {
    for value in 1..<UInt8(FieldName.count) {
      guard let token = FieldName(rawValue: value) else {
        Issue.record("no token \(value)")
        continue
      }
      let text = "\(token.text)"
      #expect(FieldName(raw(text).span) == token)
      #expect(FieldName(raw(text.uppercased()).span) == token)
      #expect(FieldName(raw(text.lowercased()).span) == token)
      for index in raw(text).indices {
        var changed = raw(text)
        changed[index] = changed[index].lowercased == 0x71 ? 0x7A : 0x71
        #expect(FieldName(changed.span) != token)
      }
      #expect(FieldName(raw(text + "x").span) != token)
    }
    #expect(FieldName(raw("X-Unknown").span) == .other)
    #expect(FieldName(raw("").span) == .other)
    #expect(FieldName.texts.count == FieldName.count)
  }

  @Test func `is hop-by-hop exactly where RFC 9110 says so`() {
    let expected: [FieldName] = [
      .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade,
      .proxyAuthenticate, .proxyAuthenticationInfo, .proxyAuthorization,
    ]

    let found = (0..<UInt8(FieldName.count)).compactMap { FieldName(rawValue: $0) }
      .filter(\.isHopByHop)

    #expect(found == expected)
  }
}
