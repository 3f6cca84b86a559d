public import Bytes

/// Amounts as people write them in the configuration: `"250ms"`, `"64MiB"`.
public enum Quantity {
  /// The units of durations with their milliseconds.
  private static let durationUnits: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// The units of sizes with their bytes: decimal and binary ones are not the same.
  private static let sizeUnits: [(name: String, bytes: Int)] = [
    ("B", 1),
    ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
  ]

  /// Reads a duration: a whole number and one of `ms`, `s`, `m`, `h`, `d`.
  ///
  /// - Returns: `nil` for anything else, also for what does not fit into 64 bits.
  public static func duration(_ text: String) -> Milliseconds? {
    guard let (number, unit) = split(text),
      let scale = durationUnits.first(where: { $0.name == unit })
    else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: scale.milliseconds)
    return overflow ? nil : Milliseconds(product)
  }

  /// Reads a size: a whole number and one of `B`, `KB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB`,
  /// `TiB`.
  ///
  /// - Returns: bytes, or `nil` for anything else, also for what does not fit into 64 bits.
  public static func size(_ text: String) -> Int? {
    guard let (number, unit) = split(text),
      let scale = sizeUnits.first(where: { $0.name == unit })
    else { return nil }
    let (product, overflow) = Int(number).multipliedReportingOverflow(by: scale.bytes)
    return overflow ? nil : product
  }

  /// Writes a size with the largest binary unit that divides it.
  public static func text(bytes: Int) -> String {
    for unit in sizeUnits.reversed() where unit.name.hasSuffix("iB") {
      if bytes != 0, bytes % unit.bytes == 0 { return "\(bytes / unit.bytes)\(unit.name)" }
    }
    return "\(bytes)B"
  }

  private static func split(_ text: String) -> (number: Int64, unit: String)? {
    let digits = text.utf8.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard let number = Int64(String(Substring(digits))) else { return nil }
    return (number, String(text.dropFirst(digits.count)))
  }
}
