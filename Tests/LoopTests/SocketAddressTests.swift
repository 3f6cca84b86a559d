import Loop
import Testing

@Suite struct `A socket address` {
  @Test(arguments: [
    "0.0.0.0:80", "127.0.0.1:65535", "[::]:80", "[2001:db8::1]:443", "unix:/run/spillway.sock",
  ])
  func `reads what it writes`(text: String) throws {
    let address = try #require(SocketAddress(parsing: text))

    #expect(address.description == text)
  }

  @Test(arguments: [
    "", "80", ":80", "::1:80", "[::1]", "[::1]:", "[127.0.0.1]:80", "127.0.0.1:65536", "1.2.3:80",
    "127.0.0.1:+80", "example.com:80", "unix:",
  ])
  func `refuses what is not an address`(text: String) {
    #expect(SocketAddress(parsing: text) == nil)
  }

  @Test func `keeps its parts in host order`() throws {
    let address = try #require(SocketAddress(parsing: "10.1.2.3:8080"))

    #expect(address.host == .ipv4(0x0A01_0203))
    #expect(address.port == 8080)
    #expect(SocketAddress(literal: "::1", port: 1)?.host == .ipv6(high: 0, low: 1, scope: 0))
  }
}
