/// Names what belongs together: `/live/*/**` makes a presentation of all that lies below one
/// directory of `/live/`.
///
/// - Source: streams rules, section 2.
public struct PresentationPattern: Sendable, Equatable {
  private let front: PathPattern
  private let slashes: Int

  /// Compiles `text` and appends its bytes to `table`.
  ///
  /// - Parameters:
  ///   - text: The pattern; it ends with `/**`, the only `**` in it.
  ///   - table: Where the pattern's bytes go.
  /// - Throws: What keeps it from naming presentations.
  public init(_ text: String, table: inout [UInt8]) throws(PatternError) {
    guard text.hasSuffix("/**"), !text.dropLast(2).contains("**") else {
      throw .mustEndBelowDirectory
    }
    let directory = String(text.dropLast(2))
    front = try PathPattern(directory, table: &table)
    slashes = directory.utf8.count { $0 == UInt8(ascii: "/") }
  }

  /// Where the name of the presentation ends in a path: behind the slash that `**` follows.
  ///
  /// - Parameters:
  ///   - path: The path as sent.
  ///   - table: What the pattern was compiled into.
  /// - Returns: `nil` for a path that the pattern does not match.
  func end(in path: Span<UInt8>, table: [UInt8]) -> Int? {
    var left = slashes
    for index in path.indices where path[index] == UInt8(ascii: "/") {
      left -= 1
      guard left == 0 else { continue }
      let directory = path.extracting(0...index)
      return front.matches(directory, table: table) ? index + 1 : nil
    }
    return nil
  }
}
