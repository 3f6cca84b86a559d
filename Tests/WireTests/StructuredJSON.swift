import Foundation
import Wire

/// Structured values as the public vectors write them in JSON, and back.
enum StructuredJSON {
  private struct Odd: Error {
    let text: String

    init(value: Any) { text = "\(value)" }
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  static func json(_ member: StructuredMember) -> Any {
    switch member {
    case .item(let item): json(item)
    case .innerList(let items, let parameters):
      [items.map { json($0) as Any }, json(parameters)] as [Any]
    }
  }

  static func json(_ item: StructuredItem) -> Any {
    [json(item.value), json(item.parameters)] as [Any]
  }

  private static func json(_ parameters: [StructuredParameter]) -> Any {
    parameters.map { [text($0.key), json($0.value)] as [Any] }
  }

  private static func json(_ value: StructuredValue) -> Any {
    switch value {
    case .integer(let number): NSNumber(value: number)
    case .decimal(let thousandths): NSNumber(value: Double(thousandths) / 1000)
    case .boolean(let truth): NSNumber(value: truth)
    case .string(let bytes): text(bytes)
    case .token(let bytes): ["__type": "token", "value": text(bytes)]
    case .bytes(let bytes): ["__type": "binary", "value": base32(bytes)]
    case .date(let seconds): ["__type": "date", "value": NSNumber(value: seconds)] as [String: Any]
    case .displayString(let bytes): ["__type": "displaystring", "value": text(bytes)]
    }
  }

  static func list(_ json: Any) throws -> [StructuredMember] {
    guard let members = json as? [[Any]] else { throw Odd(value: json) }
    return try members.map(member)
  }

  static func dictionary(
    _ json: Any
  ) throws -> [(key: [UInt8], member: StructuredMember)] {
    guard let entries = json as? [[Any]] else { throw Odd(value: json) }
    return try entries.map { entry in
      guard let key = entry[0] as? String else { throw Odd(value: entry) }
      return (Array(key.utf8), try member(entry[1]))
    }
  }

  static func item(_ json: Any) throws -> StructuredItem {
    guard let pair = json as? [Any], pair.count == 2 else { throw Odd(value: json) }
    return StructuredItem(try value(pair[0]), parameters: try parameters(pair[1]))
  }

  private static func member(_ json: Any) throws -> StructuredMember {
    guard let pair = json as? [Any], pair.count == 2 else { throw Odd(value: json) }
    guard let items = pair[0] as? [Any] else { return .item(try item(json)) }
    return .innerList(try items.map(item), parameters: try parameters(pair[1]))
  }

  private static func parameters(_ json: Any) throws -> [StructuredParameter] {
    guard let entries = json as? [[Any]] else { throw Odd(value: json) }
    return try entries.map { entry in
      guard let key = entry[0] as? String else { throw Odd(value: entry) }
      return StructuredParameter(key: Array(key.utf8), value: try value(entry[1]))
    }
  }

  private static func value(_ json: Any) throws -> StructuredValue {
    if let text = json as? String { return .string(Array(text.utf8)) }
    if let typed = json as? [String: Any] {
      if let seconds = typed["value"] as? NSNumber { return .date(seconds.int64Value) }
      let bytes = Array((typed["value"] as? String ?? "").utf8)
      switch typed["__type"] as? String {
      case "token": return .token(bytes)
      case "displaystring": return .displayString(bytes)
      default: throw Odd(value: json)
      }
    }
    guard let number = json as? NSNumber else { throw Odd(value: json) }
    switch String(cString: number.objCType) {
    case "c", "B": return .boolean(number.boolValue)
    case "d", "f":
      let thousandths = (number.doubleValue * 1000).rounded(.toNearestOrEven)
      guard thousandths.magnitude < 9e15 else { return .decimal(thousandths: .max) }
      return .decimal(thousandths: Int64(thousandths))
    default: return .integer(number.int64Value)
    }
  }

  /// RFC 4648 section 6.
  private static func base32(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    var output = ""
    var (bits, count) = (0, 0)
    for byte in bytes {
      bits = (bits << 8 | Int(byte)) & 0xFFFF_FFFF
      count += 8
      while count >= 5 {
        count -= 5
        output.append(digits[bits >> count & 31])
      }
    }
    if count > 0 { output.append(digits[bits << (5 - count) & 31]) }
    while output.count % 8 != 0 { output.append("=") }
    return output
  }
}
