internal import CLinux
internal import Glibc

/// Sockets of the file system, as C names them: for the admin client and the service manager.
enum UnixAddress {
  /// Connects `descriptor` to the socket at `path`; a leading `@` means an abstract name.
  ///
  /// The corresponding C function is `connect`.
  /// - Returns: zero or `errno`; also `ENAMETOOLONG`.
  static func connect(_ descriptor: Int32, to path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    guard !name.isEmpty, name.count <= TextForm.unixPathBytesMax else { return ENAMETOOLONG }
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
      unsafe place.copyBytes(from: name)
    }
    let nameOffset = MemoryLayout<sa_family_t>.size
    // A file's name includes its final zero, an abstract one has none.
    let count = socklen_t(nameOffset + name.count + (name[0] == 0 ? 0 : 1))
    let code = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe Glibc.connect(descriptor, __CONST_SOCKADDR_ARG(__sockaddr__: $0), count)
      }
    }
    return code == 0 ? 0 : errno
  }
}
