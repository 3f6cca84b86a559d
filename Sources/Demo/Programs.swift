internal import Glibc

/// The programs that the demo runs, as files.
struct Programs {
  /// This program itself.
  let spillway: String
  /// Encodes the test source.
  let ffmpeg: String
  /// Serves as origin.
  let nginx: String
  /// Runs a program that dies with its parent.
  let setpriv: String

  /// Finds them all, or says at once what is missing and how to get it.
  static func find() throws(DemoFailure) -> Programs {
    let names = ["ffmpeg", "nginx", "setpriv"]
    let found = names.map(file)
    let missing = zip(names, found).filter { $0.1 == nil }.map(\.0)
    guard let ffmpeg = found[0], let nginx = found[1], let setpriv = found[2] else {
      throw DemoFailure(
        message: """
          \(missing.joined(separator: " and ")) not found: `make demo` installs what is needed, \
          or run `apt-get install ffmpeg nginx-light util-linux fonts-dejavu-core` as root
          """)
    }
    return Programs(spillway: try ownFile(), ffmpeg: ffmpeg, nginx: nginx, setpriv: setpriv)
  }

  /// The file that would run: the folders of `PATH`, then those of the system's own programs.
  private static func file(named name: String) -> String? {
    var folders: [Substring] = []
    if let path = unsafe getenv("PATH") {
      folders = unsafe String(cString: path).split(separator: ":")
    }
    return (folders + ["/usr/local/sbin", "/usr/sbin", "/sbin"])
      .map { "\($0)/\(name)" }
      .first { unsafe access($0, X_OK) == 0 }
  }

  /// The file of the running program: children are started through another, so the link is
  /// resolved here; the corresponding C function is `readlink`.
  private static func ownFile() throws(DemoFailure) -> String {
    var name = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = unsafe readlink("/proc/self/exe", &name, name.count)
    guard count > 0 else { throw .system("readlink", "/proc/self/exe", code: errno) }
    return String(decoding: name[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
