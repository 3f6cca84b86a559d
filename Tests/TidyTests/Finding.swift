/// One breach of a rule: where it is and what to do about it.
struct Finding: Equatable, CustomStringConvertible {
  /// The file, from the root of the tree.
  var path: String
  /// The line, from 1; 0 stands for the whole file.
  var line: Int
  /// What is wrong and what to write instead.
  var message: String

  var description: String { line == 0 ? "\(path): \(message)" : "\(path):\(line): \(message)" }
}

/// A rule of the house: reads the whole tree, reports what breaks it.
typealias Rule = (_ tree: Tree) -> [Finding]
