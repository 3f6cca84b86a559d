import Glibc

/// What a module may import, and what it is for the rules.
struct Room {
  /// Modules of this package, all above it in the table.
  var imports: Set<String>
  /// C libraries that it owns, wrapped in `Sources/C`.
  var owns: Set<String> = []
  /// Modules from outside the package.
  var outside: Set<String> = []
  /// Whether a request passes through it: no Foundation, no existential, no task, no print.
  var isHot = true
}

/// The table of modules: ARCHITECTURE.md draws the same one.
///
/// Change both together, with the reason in ARCHITECTURE.md.
enum House {
  /// Every module under `Sources`, by name.
  static let rooms: [String: Room] = [
    "Bytes": Room(imports: [], owns: ["CXXHash", "CLinux"], outside: ["Synchronization"]),
    "Telemetry": Room(imports: ["Bytes"], outside: ["Synchronization"]),
    "Wire": Room(imports: ["Bytes"]),
    "Streams": Room(imports: ["Bytes", "Wire"]),
    "Policy": Room(imports: ["Bytes", "Wire", "Streams"]),
    "Store": Room(
      imports: ["Bytes"], owns: ["CLMDB", "CLinux"], outside: ["Synchronization"]),
    "Loop": Room(
      imports: ["Bytes", "Telemetry"], owns: ["CLibevent", "CLinux"],
      outside: ["Synchronization"]),
    "Cache": Room(
      imports: ["Bytes", "Wire", "Streams", "Policy", "Store"], outside: ["Synchronization"]),
    "Origin": Room(imports: ["Bytes", "Telemetry", "Wire", "Streams", "Policy", "Loop"]),
    "Delivery": Room(imports: upToOrigin, owns: ["CZlib"], outside: ["Synchronization"]),
    "Control": Room(
      imports: upToOrigin.union(["Delivery"]), owns: ["CLinux"],
      outside: ["Foundation", "Synchronization", "TOMLKit"], isHot: false),
    "Load": Room(
      imports: ["Bytes", "Wire", "Streams", "Loop"], outside: ["Synchronization", "Histogram"]),
    "Demo": Room(imports: [], isHot: false),
    "spillway": Room(
      imports: upToOrigin.union(["Delivery", "Control", "Load", "Demo"]),
      outside: ["Foundation", "ArgumentParser"],
      isHot: false),
  ]

  private static let upToOrigin: Set<String> = [
    "Bytes", "Telemetry", "Wire", "Streams", "Policy", "Store", "Loop", "Cache", "Origin",
  ]

  /// The root of the tree: two folders above this file, or what `TIDY_ROOT` names.
  static var root: String {
    if let chosen = getenv("TIDY_ROOT") { return String(cString: chosen) }
    return #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
  }

  /// What any module may import.
  static let everywhere: Set<String> = ["Glibc", "Swift"]

  /// The one or two modules that own each C library: nobody else may import it.
  static func owners(of library: String) -> [String] {
    rooms.filter { $0.value.owns.contains(library) }.keys.sorted()
  }
}
