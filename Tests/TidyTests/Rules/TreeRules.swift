/// What every file, script, fuzz target and counter owes the tree.
enum TreeRules {
  /// Leftover markers, written in two parts so that this file has none.
  private static let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]
  /// Folders of the machine that a project was written on.
  private static let privatePaths = ["/wo" + "rk/", "/home" + "/"]

  static func markers(_ tree: Tree) -> [Finding] {
    tree.files.filter { !$0.path.hasSuffix(".md") && $0.path != "Makefile" }.flatMap { file in
      file.lines.enumerated().compactMap { index, line -> Finding? in
        let bytes = Array(line.text.utf8)
        guard let marker = markers.first(where: { bytes.findWord($0) != nil }),
          let place = bytes.findWord(marker), !isNumbered(bytes, from: place + marker.utf8.count)
        else { return nil }
        return Finding(
          path: file.path, line: index + 1,
          message: "\(marker) without an issue: write \(marker)(#12), or do it now")
      }
    }
  }

  static func privatePaths(_ tree: Tree) -> [Finding] {
    tree.files.flatMap { file in
      file.lines.enumerated().compactMap { index, line -> Finding? in
        let bytes = Array(line.text.utf8)
        guard let path = privatePaths.first(where: { bytes.find($0) != nil }) else { return nil }
        return Finding(
          path: file.path, line: index + 1,
          message: "`\(path)` is a path of one machine: name it from the root of the tree")
      }
    }
  }

  static func scripts(_ tree: Tree) -> [Finding] {
    tree.files.filter { $0.path.hasSuffix(".vtc") }.compactMap { file in
      let first = file.lines.first?.text.trimmed ?? ""
      if first.hasPrefix("# "), first.split(separator: " ").count > 3, first.hasSuffix(".") {
        return nil
      }
      return Finding(
        path: file.path, line: 1,
        message: "starts with no sentence: write `# What it shows, for the reader.` first")
    }
  }

  static func corpora(_ tree: Tree) -> [Finding] {
    let targets = tree.swift.compactMap { file -> String? in
      let parts = file.parts
      guard parts.count == 3, parts[0] == "Fuzz" else { return nil }
      let hasEntry = file.lines.contains { $0.code.findWord("LLVMFuzzerTestOneInput") != nil }
      return hasEntry && !parts[1].hasSuffix("Canary") ? String(parts[1]) : nil
    }
    return Set(targets).sorted().compactMap { target in
      let folder = "Fuzz/Corpus/\(target)/"
      if tree.paths.contains(where: { $0.hasPrefix(folder) }) { return nil }
      return Finding(
        path: "Fuzz/\(target)", line: 0,
        message: "has no corpus: put at least one real input into \(folder)")
    }
  }

  static func metrics(_ tree: Tree) -> [Finding] {
    let list = "Documentation/metrics.md"
    let declared = tree.swift.filter { $0.path.hasPrefix("Sources/Telemetry/MetricTable") }
      .flatMap { names(in: $0, between: "\"") }
    let documented = tree.file(list).map { names(in: $0, between: "`") } ?? []
    let known = Set(declared.map(\.name))
    let written = Set(documented.map(\.name))
    let missing = declared.filter { !written.contains($0.name) }.map { place in
      Finding(
        path: place.path, line: place.line,
        message: "\(place.name) is not in \(list): add its row there")
    }
    let gone = documented.filter { !known.contains($0.name) }.map { place in
      Finding(
        path: place.path, line: place.line,
        message: "\(place.name) is no metric: remove it, and name the change in CHANGELOG.md")
    }
    return missing + gone
  }

  private struct Place {
    var path: String
    var line: Int
    var name: String
  }

  /// The metrics that a file names between two `quote`s.
  private static func names(in file: SourceFile, between quote: Character) -> [Place] {
    file.lines.enumerated().flatMap { index, line in
      line.text.split(separator: quote).compactMap { word in
        let isMetric =
          word.hasPrefix("spillway_")
          && word.utf8.allSatisfy { $0.isIdentifierPart }
        return isMetric ? Place(path: file.path, line: index + 1, name: String(word)) : nil
      }
    }
  }

  private static func isNumbered(_ bytes: [UInt8], from index: Int) -> Bool {
    guard bytes.has("(#", at: index), index + 2 < bytes.count else { return false }
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index + 2])
  }
}
