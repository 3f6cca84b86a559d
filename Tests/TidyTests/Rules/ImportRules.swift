/// Who may import whom: the direction of the table, one owner per C library.
enum ImportRules {
  static func direction(_ tree: Tree) -> [Finding] {
    imports(in: tree).compactMap { place in
      guard let room = House.rooms[place.module] else {
        return Finding(
          path: place.path, line: 0,
          message: "module \(place.module) isn't in the table of House.swift: add it there and "
            + "in ARCHITECTURE.md, with what it may import")
      }
      let name = place.imported
      if room.imports.contains(name) || room.owns.contains(name) || room.outside.contains(name)
        || House.everywhere.contains(name)
      {
        return nil
      }
      return Finding(path: place.path, line: place.line, message: advice(place))
    }
  }

  static func targets(_ tree: Tree) -> [Finding] {
    guard let manifest = tree.file("Package.swift") else { return [] }
    let text = manifest.lines.map(\.text).joined(separator: "\n")
    let folders = tree.swift.compactMap { file -> String? in
      let parts = file.parts
      guard parts.count > 1, ["Sources", "Tests", "Fuzz"].contains(parts[0]) else { return nil }
      return parts.prefix(parts.count > 2 ? 2 : 1).joined(separator: "/")
    }
    return Set(folders).sorted().compactMap { folder in
      let name = folder.split(separator: "/").last ?? ""
      if text.contains("\"\(name)\"") || text.contains("\"\(folder)\"") { return nil }
      return Finding(
        path: folder, line: 0,
        message: "belongs to no target of Package.swift: move its files into one, declare one, or "
          + "delete it")
    }
  }

  private struct Place {
    var path: String
    var line: Int
    var module: String
    var imported: String
  }

  /// The imports of every module under `Sources`.
  private static func imports(in tree: Tree) -> [Place] {
    tree.swift.filter { $0.path.hasPrefix("Sources/") }.flatMap { file -> [Place] in
      guard let module = file.module else { return [] }
      return file.lines.enumerated().compactMap { index, line in
        guard let place = line.code.findWord("import"),
          line.code[..<place].allSatisfy({ $0.isIdentifierPart || $0 == 32 || $0 == 64 })
        else { return nil }
        let words = String(decoding: line.code[place...], as: UTF8.self).split(separator: " ")
        guard words.count > 1 else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "let", "var"]
        let target = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
        let name = String(target.prefix { $0 != "." })
        return Place(path: file.path, line: index + 1, module: module, imported: name)
      }
    }
  }

  private static func advice(_ place: Place) -> String {
    let owners = House.owners(of: place.imported)
    if !owners.isEmpty {
      return "\(place.imported) belongs to \(owners.joined(separator: " and ")): call their "
        + "wrapper instead"
    }
    if place.imported == "Foundation" {
      return "\(place.module) has no Foundation: use Glibc and Span, or do it in Control"
    }
    return "\(place.module) may not import \(place.imported): pass a value in, or move the code "
      + "to a module below both"
  }
}
