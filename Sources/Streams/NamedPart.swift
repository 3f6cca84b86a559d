/// A partial segment that a playlist names, already there (EXT-X-PART) or about to be
/// (EXT-X-PRELOAD-HINT of type PART).
///
/// Players measure throughput by how fast a part comes, so its bytes are withheld until all of them
/// are there and then sent at once (RFC 8216bis section 4.4.5.3; streams rules, section 6).
public struct NamedPart: Equatable, Sendable {
  /// The path that it is asked under, without query.
  public let path: [UInt8]
  /// Where its byte range begins in the file; zero for a file of its own.
  public let start: UInt64

  /// The parts that a playlist names, at most `StreamsLimits.partsPerPlaylist`, the last first.
  ///
  /// - Parameters:
  ///   - body: The whole playlist.
  ///   - path: The playlist's own path: relative URIs count from it.
  /// - Returns: The parts; none for a playlist without.
  public static func read(_ body: Span<UInt8>, path: Span<UInt8>) -> [NamedPart] {
    var parts: [NamedPart] = []
    var end = body.count
    while end > 0, parts.count < StreamsLimits.partsPerPlaylist {
      var start = end - 1
      while start > 0, body[start - 1] != UInt8(ascii: "\n") { start -= 1 }
      let hasEnd = body[end - 1] == UInt8(ascii: "\n")
      let line = body.extracting(start..<(hasEnd ? end - 1 : end)).trimmed()
      if line.starts(with: "#EXT-X-PART:") || line.starts(with: "#EXT-X-PRELOAD-HINT:"),
        let part = part(line, path: path)
      {
        parts.append(part)
      }
      end = start
    }
    return parts
  }

  private static func part(_ line: Span<UInt8>, path: Span<UInt8>) -> NamedPart? {
    var uri: [UInt8]?
    var start: UInt64 = 0
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      let value = line.extracting(attribute.value)
      let name = line.extracting(attribute.name)
      if name.starts(with: "URI"), name.count == 3 { uri = value.copied() }
      if name.starts(with: "TYPE"), !value.starts(with: "PART") { return nil }
      if name.starts(with: "BYTERANGE-START") { start = number(value) ?? 0 }
      if name.starts(with: "BYTERANGE"), name.count == 9 { start = offset(in: value) ?? 0 }
    }
    guard let uri, !uri.isEmpty, let resolved = resolve(uri, against: path) else { return nil }
    return NamedPart(path: resolved, start: start)
  }

  /// `length@offset`.
  private static func offset(in value: Span<UInt8>) -> UInt64? {
    for index in value.indices where value[index] == UInt8(ascii: "@") {
      return number(value.from(index + 1))
    }
    return nil
  }

  private static func number(_ text: Span<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for index in text.indices {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10, value < UInt64.max / 100 else { return nil }
      value = value * 10 + UInt64(digit)
    }
    return text.isEmpty ? nil : value
  }

  /// The path of a URI reference (RFC 3986 section 5.2), without query and fragment.
  ///
  /// - Parameters:
  ///   - uri: The reference, as a playlist has it.
  ///   - path: The path of the playlist.
  /// - Returns: The path, whatever host the reference names; `nil` where there is none.
  public static func resolve(_ uri: [UInt8], against path: Span<UInt8>) -> [UInt8]? {
    var reference = uri.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
    if let scheme = reference.firstRange(of: Array("://".utf8)) {
      guard let slash = reference[scheme.upperBound...].firstIndex(of: UInt8(ascii: "/")) else {
        return nil
      }
      reference = reference[slash...]
    }
    var segments: [ArraySlice<UInt8>] = []
    if reference.first != UInt8(ascii: "/") {
      segments = path.copied().split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      segments.removeLast()
      if segments.isEmpty { return nil }
    }
    for segment in reference.split(
      separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    {
      if segment.elementsEqual("..".utf8) {
        if segments.count > 1 { segments.removeLast() }
      } else if !segment.elementsEqual(".".utf8) {
        segments.append(segment)
      }
    }
    return Array(segments.joined(separator: [UInt8(ascii: "/")]))
  }
}
