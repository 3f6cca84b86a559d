internal import Bytes
internal import Wire

/// The name of a playlist, whatever state of it is asked for.
enum RenditionName {
  /// The hash of its key without the arguments that ask for one state of it.
  ///
  /// - Parameter key: The text of a cache key.
  /// - Returns: The same for every state.
  static func hash(ofKey key: Span<UInt8>) -> Hash128 {
    let query = query(of: key)
    var name = [UInt8](copying: key.extracting(0..<(key.count - query.count)))
    if name.last == UInt8(ascii: "?") { name.removeLast() }
    var arguments = Arguments(query.wholeRange)
    while let argument = arguments.next(in: query) {
      guard !query.slice(argument.name).hasPrefix("_HLS_") else { continue }
      name.append(UInt8(ascii: "&"))
      name.append(copying: query.slice(argument.whole))
    }
    return Hash128(of: name.span)
  }

  /// What stands behind the first question mark of a target or key.
  ///
  /// - Parameter target: The text; no path holds a question mark.
  /// - Returns: The query; empty without.
  @_lifetime(copy target)
  static func query(of target: Span<UInt8>) -> Span<UInt8> {
    for index in target.indices where target[index] == UInt8(ascii: "?") {
      return target.extracting((index + 1)..<target.count)
    }
    return target.extracting(target.count..<target.count)
  }
}
