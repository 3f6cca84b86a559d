import Glibc

/// Files of the project that tests read.
enum Project {
  /// The text of the file at `path`, from the root of the project.
  static func text(_ path: String) throws -> String {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    return try file("/\(root)/\(path)")
  }

  /// The text of the file at an absolute path.
  static func file(_ path: String) throws -> String {
    guard let stream = fopen(path, "r") else { throw Missing(path: path) }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, stream)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  /// Writes a file for the time of a test and gives its path.
  static func temporary(_ text: String) throws -> String {
    var template = Array("/tmp/spillway-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Missing(path: "/tmp") }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Missing(path: "/tmp") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  struct Missing: Error { let path: String }
}
