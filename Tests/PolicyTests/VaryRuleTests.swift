import Bytes
import Policy
import Testing
import Wire

@Suite struct `A Vary rule` {
  private let key = Hash128(low: 1, high: 2)

  private func read(_ fields: [String]) throws -> Variation {
    try withResponse(200, fields) { head, bytes in VaryRule.read(head, bytes: bytes) }
  }

  private func rule(_ value: String) throws -> VaryRule {
    guard case .rule(let rule) = try read(["Vary: \(value)"]) else { throw Failure() }
    return rule
  }

  private func variant(
    _ rule: VaryRule, _ fields: [String], isIdentityOnly: Bool = false
  ) throws -> Hash128? {
    var scratch: [UInt8] = []
    return try withRequest("GET /a HTTP/1.1", fields) { head, bytes in
      rule.variantKey(
        of: key, head: head, bytes: bytes, isIdentityOnly: isIdentityOnly, scratch: &scratch)
    }
  }

  @Test func `is the same however the names are written`() throws {
    #expect(try rule("Origin, accept-encoding") == rule("Accept-Encoding,,ORIGIN , origin"))
    #expect(try read(["Vary: a", "Vary: b"]) == .rule(rule("b, a")))
    #expect(try read([]) == .none)
    #expect(try read(["Vary: ,"]) == .none)
  }

  @Test func `is everything with a star, too many names or nonsense`() throws {
    let many = (0..<9).map { "f\($0)" }.joined(separator: ",")

    #expect(try read(["Vary: Accept, *"]) == .everything)
    #expect(try read(["Vary: \(many)"]) == .everything)
    #expect(try read(["Vary: a b"]) == .everything)
    #expect(try read(["Vary: \(String(repeating: "x", count: 200))"]) == .everything)
  }

  @Test func `follows from a Content-Encoding that nobody announced`() throws {
    #expect(try read(["Content-Encoding: gzip"]) == .rule(.acceptEncoding))
    #expect(try read(["Content-Encoding: identity"]) == .none)
    #expect(
      try read(["Vary: Origin", "Content-Encoding: br"]) == .rule(rule("origin, accept-encoding")))
  }

  @Test func `falls into four codings`() throws {
    let rule = VaryRule.acceptEncoding

    let chromium = try variant(rule, ["Accept-Encoding: gzip, deflate, br"])
    let other = try variant(rule, ["Accept-Encoding: br;q=0.8, gzip"])
    let gzip = try variant(rule, ["Accept-Encoding: gzip, br;q=0"])
    let none = try variant(rule, [])
    let identity = try variant(rule, ["Accept-Encoding: identity"])
    let playlist = try variant(rule, ["Accept-Encoding: gzip"], isIdentityOnly: true)

    #expect(chromium == other)
    #expect(chromium != gzip)
    #expect(none == identity)
    #expect(none != gzip)
    #expect(playlist == none)
  }

  @Test func `compares values without their white space, over several lines`() throws {
    let rule = try rule("X-B")

    let joined = try variant(rule, ["X-B: it ,  en"])
    let split = try variant(rule, ["X-B: it", "X-B: en"])
    let other = try variant(rule, ["X-B: en, it"])

    #expect(joined == split)
    #expect(joined != other)
    #expect(try variant(rule, []) != joined)
    #expect(
      try variant(self.rule("x-a"), ["X-A: \"a , b\""])
        != variant(self.rule("x-a"), ["X-A: \"a,b\""]))
  }

  @Test func `does not mix values of different fields`() throws {
    let rule = try rule("a, b")

    #expect(try variant(rule, ["A: x"]) != variant(rule, ["B: x"]))
    #expect(try variant(rule, ["A: x", "C: 1"]) == variant(rule, ["A: x", "C: 2"]))
  }

  @Test func `gives no key to what no Fill may show or a key may hold`() throws {
    #expect(try variant(rule("Cookie"), ["Cookie: a=b"]) == nil)
    #expect(try variant(rule("Cookie"), []) != nil)
    #expect(try variant(rule("x-a"), ["X-A: \(String(repeating: "y", count: 1025))"]) == nil)
  }

  private struct Failure: Error {}
}
