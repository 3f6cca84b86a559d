import Foundation
import Testing
import Wire

/// The public vectors of RFC 9651.
///
/// Run by hand, with the folder that holds their JSON files in the environment variable
/// `SPILLWAY_STRUCTURED_VECTORS`; `StructuredFieldTests` stands without them.
@Suite(.enabled(if: StructuredVectors.folder != nil))
struct `The public vectors of structured fields` {
  @Test(arguments: StructuredVectors.files) func `all pass`(file: String) throws {
    let vectors = try StructuredVectors.read(file)

    for vector in vectors { #expect(vector.failure == nil, "\(file): \(vector.name)") }
    print("\(file): \(vectors.count) vectors")
  }
}

/// One vector: `raw` is parsed, what comes out is compared and written again.
struct StructuredVector {
  let entry: [String: Any]

  var name: String { entry["name"] as? String ?? "?" }
  private var kind: String { entry["header_type"] as? String ?? "" }
  private var mustFail: Bool { entry["must_fail"] as? Bool ?? false }
  private var canFail: Bool { entry["can_fail"] as? Bool ?? false }
  private var raw: [String]? { entry["raw"] as? [String] }
  private var canonical: String {
    ((entry["canonical"] as? [String]) ?? raw ?? []).joined(separator: ", ")
  }

  /// What is wrong, if anything.
  var failure: String? {
    do {
      guard let raw else { return try serialised() == canonical ? nil : "written otherwise" }
      let bytes = Array(raw.joined(separator: ", ").utf8)
      let (value, text) = try parsed(bytes)
      if mustFail { return "was read" }
      guard let expected = entry["expected"] as? NSObject else { return "nothing expected" }
      if !(value as? NSObject ?? NSNull()).isEqual(expected) { return "read as \(value)" }
      return text == canonical ? nil : "written as \(text)"
    } catch {
      return mustFail || canFail ? nil : "refused: \(error)"
    }
  }

  private func serialised() throws -> String {
    let expected = entry["expected"] ?? NSNull()
    let bytes: [UInt8] =
      switch kind {
      case "item": try StructuredField.write(item: StructuredJSON.item(expected))
      case "list": try StructuredField.write(list: StructuredJSON.list(expected))
      default: try StructuredField.write(dictionary: StructuredJSON.dictionary(expected))
      }
    if mustFail { return "was written, although it must not be" }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func parsed(_ bytes: [UInt8]) throws -> (value: Any, text: String) {
    switch kind {
    case "item":
      let item = try StructuredField.item(bytes.span)
      return (StructuredJSON.json(item), text(try StructuredField.write(item: item)))
    case "list":
      let list = try StructuredField.list(bytes.span)
      return (list.map(StructuredJSON.json), text(try StructuredField.write(list: list)))
    default:
      let dictionary = try StructuredField.dictionary(bytes.span)
      let value = dictionary.map { [StructuredJSON.text($0.key), StructuredJSON.json($0.member)] }
      return (value, text(try StructuredField.write(dictionary: dictionary)))
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

enum StructuredVectors {
  static let folder = ProcessInfo.processInfo.environment["SPILLWAY_STRUCTURED_VECTORS"]

  static var files: [String] {
    guard let folder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted()
  }

  static func read(_ file: String) throws -> [StructuredVector] {
    let data = try Data(contentsOf: URL(fileURLWithPath: (folder ?? "") + "/" + file))
    let entries = try #require(
      try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    return entries.map(StructuredVector.init)
  }
}
