internal import Policy

/// Names of query arguments in `query = [names]`.
enum QueryName {
  /// What is wrong with `name` after `names`, if anything.
  static func mistake(in name: String, after names: [String]) -> String? {
    if name == "CMCD" {
      return "must not name CMCD: what players report about themselves never makes another object"
    }
    if names.contains(name) { return "names the argument twice; remove one" }
    let sound =
      !name.isEmpty
      && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#&=".utf8.contains($0) }
    return sound ? nil : "must be the name of an argument as it stands in the query"
  }

  /// What is wrong with a list of `count` names, if anything.
  static func mistake(inCount count: Int) -> String? {
    if count == 0 { return "names no argument; write \"none\" to leave the whole query out" }
    if count > PolicyLimits.queryNamesMax {
      return "names \(count) arguments; at most \(PolicyLimits.queryNamesMax) are supported"
    }
    return nil
  }
}
