internal import Glibc

/// The texts that come with the demo, inside the program.
enum Files {
  /// The page that plays the stream.
  static var page: [UInt8] { PackageResources.page_html }

  /// A template with `@NAME@` replaced by what belongs there.
  static func filled(_ template: [UInt8], _ values: [(name: String, value: String)]) -> [UInt8] {
    var rest = String(decoding: template, as: UTF8.self)[...]
    var text = ""
    while let start = rest.firstIndex(of: "@") {
      text += rest[..<start]
      rest = rest[start...]
      if let (name, value) = values.first(where: { rest.hasPrefix("@\($0.name)@") }) {
        text += value
        rest = rest.dropFirst(name.count + 2)
      } else {
        text.append(rest.removeFirst())
      }
    }
    return Array((text + rest).utf8)
  }

  /// nginx's configuration for one origin.
  static func originConfiguration(_ values: [(name: String, value: String)]) -> [UInt8] {
    filled(PackageResources.origin_conf, values)
  }

  /// The node's configuration.
  static func nodeConfiguration(_ values: [(name: String, value: String)]) -> [UInt8] {
    filled(PackageResources.node_toml, values)
  }

  /// Whether a file can be read.
  static func exists(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
}
