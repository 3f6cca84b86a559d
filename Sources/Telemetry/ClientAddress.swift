/// The address of a viewer as the access log keeps it: 16 bytes and what they are.
public struct ClientAddress: Equatable, Sendable {
  /// What the bytes are.
  public enum Family: UInt8, Sendable {
    /// Not known.
    case none
    /// The last four bytes are an IPv4 address.
    case ipv4
    /// Sixteen bytes of IPv6.
    case ipv6
    /// A Unix socket; no bytes.
    case unix
  }

  /// What the bytes are.
  public let family: Family
  /// The first eight bytes, the first in the highest place.
  public let high: UInt64
  /// The last eight bytes, likewise.
  public let low: UInt64

  /// Makes an address from its parts.
  @inline(__always)
  public init(family: Family, high: UInt64 = 0, low: UInt64 = 0) {
    self.family = family
    self.high = high
    self.low = low
  }

  /// Makes an IPv4 address; 192.0.2.1 is 0xC000_0201.
  @inline(__always)
  public init(ipv4: UInt32) { self.init(family: .ipv4, low: UInt64(ipv4)) }

  /// Makes an address from network bytes: four are IPv4, sixteen IPv6, anything else not known.
  public init(networkBytes bytes: Span<UInt8>) {
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in bytes.indices {
      high = high << 8 | low >> 56
      low = low << 8 | UInt64(bytes[index])
    }
    switch bytes.count {
    case 4: self.init(family: .ipv4, low: low)
    case 16: self.init(family: .ipv6, high: high, low: low)
    default: self.init(family: .none)
    }
  }

  /// An address that is not known.
  public static let none = ClientAddress(family: .none)
}
