import FuzzProperties
import Glibc
import Testing

@Suite struct `The inputs that fuzzing started from, and those it once broke something with` {
  @Test(arguments: FuzzTarget.allCases.filter { $0 != .canary })
  func `keep the property of their target`(_ target: FuzzTarget) throws {
    let seeds = try files(in: "Fuzz/Corpus/\(target.rawValue)")

    #expect(!seeds.isEmpty, "a target without seeds")
    for seed in seeds { target.check(seed) }
    for crash in try files(in: "Fuzz/Crashes/\(target.rawValue)") { target.check(crash) }
  }

  @Test func `would be noticed if they did not`() async {
    await #expect(processExitsWith: .failure) { FuzzTarget.canary.check(Array("EDGE".utf8)) }
  }
}

/// The bytes of every file in a folder of the project, by name; none where there is no folder.
private func files(in folder: String) throws -> [[UInt8]] {
  let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  guard let directory = opendir("/\(root)/\(folder)") else { return [] }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return try names.sorted().map { try bytes(of: "/\(root)/\(folder)/\($0)") }
}

private func bytes(of path: String) throws -> [UInt8] {
  let file = try #require(fopen(path, "r"), "\(path) cannot be read")
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&part, 1, part.count, file)
    guard count > 0 else { return bytes }
    bytes += part[..<count]
  }
}
