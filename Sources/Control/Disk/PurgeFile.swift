internal import Glibc
internal import Loop

/// Where the purges of a node with volumes are written down: replaced as a whole, durably.
struct PurgeFile: Sendable {
  /// The longest file that is read: all scopes full, with long names.
  static let bytesMax = 8 << 20

  let path: String

  /// What is written there; `nil` where there is no file.
  func read() throws(SystemError) -> [UInt8]? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    if file < 0, errno == ENOENT { return nil }
    guard file >= 0 else { throw SystemError(code: errno, call: "open") }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= PurgeFile.bytesMax {
      let count = unsafe Glibc.read(file, &buffer, buffer.count)
      guard count >= 0 else { throw SystemError(code: errno, call: "read") }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
    return []
  }

  /// Replaces the file; what was there stays whole until the new one is on the disk.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    let temporary = path + ".new"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard file >= 0 else { throw SystemError(code: errno, call: "open") }
    var done = 0
    while done < bytes.count {
      let rest = done
      let count = unsafe bytes.withUnsafeBytes { all in
        let part = unsafe UnsafeRawBufferPointer(rebasing: all[rest...])
        return unsafe Glibc.write(file, part.baseAddress, part.count)
      }
      guard count > 0 else { throw PurgeFile.failure(of: "write", closing: file) }
      done += count
    }
    guard fsync(file) == 0 else { throw PurgeFile.failure(of: "fsync", closing: file) }
    close(file)
    guard unsafe rename(temporary, path) == 0 else {
      throw SystemError(code: errno, call: "rename")
    }
    try PurgeFile.synchronise(folderOf: path)
  }

  private static func failure(of call: StaticString, closing file: Int32) -> SystemError {
    let error = SystemError(code: errno, call: call)
    close(file)
    return error
  }

  /// A new name is durable once its folder is.
  private static func synchronise(folderOf path: String) throws(SystemError) {
    let end = path.lastIndex(of: "/") ?? path.startIndex
    let folder = unsafe open(
      end == path.startIndex ? "/" : String(path[..<end]), O_RDONLY | O_CLOEXEC)
    guard folder >= 0 else { throw SystemError(code: errno, call: "open") }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw SystemError(code: errno, call: "fsync") }
  }
}
