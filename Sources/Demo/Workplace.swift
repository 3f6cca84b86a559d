internal import Glibc

/// The demo's folder: everything it writes is in there, and is gone when it ends.
struct Workplace {
  /// The folder, absolute.
  let path: String

  /// Makes a new folder below `TMPDIR` or `/tmp` that only this user may enter.
  ///
  /// The corresponding C function is `mkdtemp`.
  init() throws(DemoFailure) {
    var parent = "/tmp"
    if let chosen = unsafe getenv("TMPDIR"), unsafe chosen.pointee == CChar(UInt8(ascii: "/")) {
      parent = unsafe String(cString: chosen)
    }
    var name = Array("\(parent)/spillway-demo-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&name) != nil else {
      throw .system("mkdtemp", "\(parent)/spillway-demo-XXXXXX", code: errno)
    }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The path of something in the folder.
  subscript(name: String) -> String { "\(path)/\(name)" }

  /// Makes a folder in it.
  func makeFolder(_ name: String) throws(DemoFailure) {
    guard unsafe mkdir(self[name], 0o755) == 0 else {
      throw .system("mkdir", self[name], code: errno)
    }
  }

  /// Writes a new file in it.
  func write(_ bytes: [UInt8], to name: String) throws(DemoFailure) {
    let descriptor = unsafe open(self[name], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system("open", self[name], code: errno) }
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes { rest in
        unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system("write", self[name], code: errno) }
      written += count
    }
  }

  /// The last part of a file in it; empty when there is none.
  func end(of name: String) -> String {
    let descriptor = unsafe open(self[name], O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    lseek(descriptor, max(0, size - DemoLimits.readBytesMax), SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: DemoLimits.readBytesMax)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }

  /// Removes the folder with all that is in it.
  ///
  /// - Returns: whether it is gone.
  func remove() -> Bool { Workplace.remove(path, depth: 0) }

  private static func remove(_ folder: String, depth: Int) -> Bool {
    guard depth < DemoLimits.folderDepthMax else { return false }
    for name in names(in: folder) {
      let path = "\(folder)/\(name)"
      // A link is a file here: `unlink` first, so that nothing outside is ever entered.
      if unsafe unlink(path) != 0 && errno == EISDIR { _ = remove(path, depth: depth + 1) }
    }
    return unsafe rmdir(folder) == 0
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
        unsafe field.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
          unsafe String(cString: $0)
        }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
