/// Resolves the references of Location and Content-Location (RFC 3986 section 5).
///
/// Invalidation needs them (RFC 9111 section 4.4): what another request of the same origin would
/// ask for, and nothing of any other origin.
public enum Reference {
  /// Appends path and query of what `reference` names, seen from the request `target`.
  ///
  /// Dot segments are resolved, the fragment is left away, an empty path is `/`, and what is
  /// percent-encoded stays as it is.
  ///
  /// - Parameters:
  ///   - reference: The field's value, absolute or relative.
  ///   - target: What was asked for.
  ///   - bytes: The head that `target` was parsed from.
  ///   - isSecure: Whether the request is for an `https` URI.
  ///   - output: Where to; untouched where the answer is false.
  /// - Returns: False where the reference is of another origin (scheme, host or port; a host that
  ///   the request didn't name is another), is no URI reference, has user information, or is longer
  ///   than `WireLimits.requestLineMax`, alone or resolved.
  public static func resolve(
    _ reference: Span<UInt8>, against target: Target, in bytes: Span<UInt8>, isSecure: Bool,
    into output: inout [UInt8]
  ) -> Bool {
    guard reference.count <= WireLimits.requestLineMax else { return false }
    var end = 0
    while end < reference.count, reference[end] != UInt8(ascii: "#") { end &+= 1 }
    let whole = reference.extracting(0..<end)
    for index in whole.indices where whole[index] <= 0x20 || whole[index] >= 0x7F { return false }
    guard let start = originEnd(of: whole, target, bytes, isSecure: isSecure) else { return false }
    var question = start
    while question < end, whole[question] != UInt8(ascii: "?") { question &+= 1 }
    let path = whole.extracting(start..<question)

    let first = output.count
    if path.isEmpty, start == 0 {
      // The path is that of the request, and so is the query unless there is one (section 5.2.2).
      output.append(copying: bytes.slice(target.path))
      if target.path.isEmpty { output.append(UInt8(ascii: "/")) }
      if question == end, target.hasQuery {
        output.append(UInt8(ascii: "?"))
        output.append(copying: bytes.slice(target.query))
      }
    } else {
      if path.isEmpty || path[0] != UInt8(ascii: "/") {
        // Behind an authority an empty path is the root, else the last segment is replaced.
        if start == 0 { output.append(copying: directory(of: target, in: bytes)) }
        if output.count == first { output.append(UInt8(ascii: "/")) }
      }
      output.append(copying: path)
      removeDotSegments(from: first, in: &output)
    }
    if question < end { output.append(copying: whole.extracting(question..<end)) }
    if output.count &- first <= WireLimits.requestLineMax { return true }
    output.removeLast(output.count &- first)
    return false
  }

  /// Where the path begins behind scheme and authority, or `nil` where they are not the request's.
  private static func originEnd(
    of whole: Span<UInt8>, _ target: Target, _ bytes: Span<UInt8>, isSecure: Bool
  ) -> Int? {
    var start = 0
    var colon = 0
    while colon < whole.count, whole[colon].isSchemeCharacter { colon &+= 1 }
    if colon < whole.count, whole[colon] == UInt8(ascii: ":") {
      let scheme = whole.extracting(0..<colon)
      guard scheme.equalsIgnoringCase(isSecure ? "https" : "http") else { return nil }
      start = colon &+ 1
      guard whole.extracting(start..<whole.count).hasPrefix("//") else { return nil }
    } else if hasColonInFirstSegment(whole) {
      return nil
    }
    guard whole.extracting(start..<whole.count).hasPrefix("//") else { return start }
    start &+= 2
    var end = start
    while end < whole.count, whole[end] != UInt8(ascii: "/"), whole[end] != UInt8(ascii: "?") {
      end &+= 1
    }
    let authority = whole.extracting(start..<end)
    return isOwn(authority, target, bytes, isSecure: isSecure) ? end : nil
  }

  /// A relative path may not begin with a segment that looks like a scheme (section 4.2).
  private static func hasColonInFirstSegment(_ whole: Span<UInt8>) -> Bool {
    for index in whole.indices {
      switch whole[index] {
      case UInt8(ascii: "/"), UInt8(ascii: "?"): return false
      case UInt8(ascii: ":"): return true
      default: continue
      }
    }
    return false
  }

  /// Whether host and port are the request's; a port that is left out is the scheme's.
  private static func isOwn(
    _ authority: Span<UInt8>, _ target: Target, _ bytes: Span<UInt8>, isSecure: Bool
  ) -> Bool {
    var hostEnd = 0
    if !authority.isEmpty, authority[0] == UInt8(ascii: "[") {
      while hostEnd < authority.count, authority[hostEnd] != UInt8(ascii: "]") { hostEnd &+= 1 }
    }
    while hostEnd < authority.count, authority[hostEnd] != UInt8(ascii: ":") { hostEnd &+= 1 }
    let host = authority.extracting(0..<hostEnd)
    guard !host.isEmpty, host.equalsIgnoringCase(bytes.slice(target.hostName)) else { return false }
    let usual: UInt64 = isSecure ? 443 : 80
    var port = usual
    if authority.count &- hostEnd > 1 {
      guard let number = authority.extracting(hostEnd &+ 1..<authority.count).decimal else {
        return false
      }
      port = number
    }
    return port == target.port.map(UInt64.init) ?? usual
  }

  /// The request's path up to its last slash; empty where it has no path (`*`).
  @_lifetime(copy bytes)
  private static func directory(of target: Target, in bytes: Span<UInt8>) -> Span<UInt8> {
    let path = bytes.slice(target.path)
    var end = path.count
    while end > 0, path[end &- 1] != UInt8(ascii: "/") { end &-= 1 }
    return path.extracting(0..<end)
  }

  /// Takes `.` and `..` out of the path that stands in `output` from `first` on (section 5.2.4).
  ///
  /// - Precondition: It begins with a slash.
  private static func removeDotSegments(from first: Int, in output: inout [UInt8]) {
    let slash = UInt8(ascii: "/")
    var read = first
    var write = first
    while read < output.count {
      var end = read &+ 1
      while end < output.count, output[end] != slash { end &+= 1 }
      let dots = isDots(output, from: read &+ 1, to: end)
      if dots == 2 {
        while write > first {
          write &-= 1
          if output[write] == slash { break }
        }
      }
      if dots == 0 {
        for index in read..<end {
          output[write] = output[index]
          write &+= 1
        }
      } else if end == output.count {
        output[write] = slash
        write &+= 1
      }
      read = end
    }
    output.removeLast(output.count &- write)
  }

  /// The number of dots where a segment is `.` or `..`, else zero.
  private static func isDots(_ output: [UInt8], from start: Int, to end: Int) -> Int {
    guard end &- start == 1 || end &- start == 2 else { return 0 }
    for index in start..<end where output[index] != UInt8(ascii: ".") { return 0 }
    return end &- start
  }
}

extension [UInt8] {
  fileprivate mutating func append(copying bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }
}

extension UInt8 {
  /// What may stand in a scheme, RFC 3986 section 3.1.
  fileprivate var isSchemeCharacter: Bool {
    isDigit || lowercased &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "+")
      || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
  }
}
