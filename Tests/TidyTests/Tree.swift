import Glibc

/// The files of the project that rules look at.
struct Tree {
  /// Every file, by path.
  var files: [SourceFile]
  /// Paths of every file, also of those that aren't text.
  var paths: [String]

  /// A tree of samples, for the tests of the rules themselves.
  init(_ samples: [String: String]) {
    files = samples.sorted { $0.key < $1.key }.map { SourceFile(path: $0.key, text: $0.value) }
    paths = files.map(\.path)
  }

  /// Reads the tree under `root`.
  ///
  /// Hidden folders (but `.ci`), build folders and caches are left out.
  init(root: String) {
    paths = Tree.walk(root: root, folder: "").sorted()
    files = paths.compactMap { path in
      guard Tree.isText(path), let text = Tree.read("\(root)/\(path)") else { return nil }
      return SourceFile(path: path, text: text)
    }
  }

  /// The Swift files.
  var swift: [SourceFile] { files.filter(\.isSwift) }

  /// The file at `path`.
  func file(_ path: String) -> SourceFile? { files.first { $0.path == path } }

  private static func walk(root: String, folder: String) -> [String] {
    guard let directory = opendir(folder.isEmpty ? root : "\(root)/\(folder)") else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      if Int32(entry.pointee.d_type) == Int32(DT_DIR) {
        if isOurs(folder: name) { found += walk(root: root, folder: path) }
      } else if Int32(entry.pointee.d_type) == Int32(DT_REG) {
        found.append(path)
      }
    }
    return found
  }

  private static func isOurs(folder: String) -> Bool {
    if folder == ".ci" { return true }
    return !folder.hasPrefix(".") && folder != "dist" && folder != "__pycache__"
      && folder != "results"
  }

  private static func isText(_ path: String) -> Bool {
    let name = path.split(separator: "/").last ?? ""
    let endings = [
      "swift", "c", "h", "modulemap", "md", "vtc", "py", "sh", "toml", "conf", "html", "js", "json",
      "cases",
    ]
    if path.hasPrefix("Fuzz/Corpus/") || path.hasPrefix("Fuzz/Crashes/") { return false }
    guard let dot = name.lastIndex(of: ".") else { return true }
    return dot == name.startIndex || endings.contains(String(name[name.index(after: dot)...]))
  }

  private static func read(_ path: String) -> String? {
    guard let stream = fopen(path, "r") else { return nil }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
      bytes += chunk[..<count]
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
