/// Reads a multivariant playlist line by line into a `MultivariantPlaylist`.
struct MultivariantPlaylistReader {
  private var playlist = MultivariantPlaylist()
  private var isMultivariant = false
  private var failed = false
  /// The EXT-X-STREAM-INF that waits for its URI.
  private var variant: Variant?

  static func read(_ body: Span<UInt8>) -> MultivariantPlaylist? {
    var lines = PlaylistLines()
    guard lines.begin(body) else { return nil }
    var reader = MultivariantPlaylistReader()
    while !reader.failed, let line = lines.next(in: body) {
      reader.readLine(body.extracting(line))
    }
    return reader.isMultivariant && !reader.failed ? reader.playlist : nil
  }

  private mutating func readLine(_ line: Span<UInt8>) {
    let front = PlaylistLines.front(of: line)
    guard !front.isEmpty else { return }
    if front[0] != UInt8(ascii: "#") {
      endVariant(line)
    } else if front.starts(with: "#EXT-X-STREAM-INF:") {
      readVariant(line)
    } else if front.starts(with: "#EXT-X-MEDIA:") {
      readRendition(line)
    } else if front.starts(with: "#EXT-X-I-FRAME-STREAM-INF:") {
      isMultivariant = true
    } else if front.starts(with: "#EXTINF:") || front.starts(with: "#EXT-X-TARGETDURATION:")
      || front.starts(with: "#EXT-X-PART:")
    {
      failed = true
    }
  }

  private mutating func readVariant(_ line: Span<UInt8>) {
    isMultivariant = true
    guard let line = bounded(line) else { return }
    var next = Variant(uri: [], bandwidth: 0)
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      let name = line.extracting(attribute.name)
      let value = line.extracting(attribute.value)
      if name.equals("BANDWIDTH") {
        next.bandwidth = value.wholeNumber() ?? 0
      } else if name.equals("AVERAGE-BANDWIDTH") {
        next.averageBandwidth = value.wholeNumber()
      } else if name.equals("AUDIO") {
        next.audio = value.copied()
      } else if name.equals("CODECS") {
        next.codecs = value.copied()
      } else if name.equals("RESOLUTION") {
        readResolution(value, of: &next)
      }
    }
    variant = next
  }

  /// Reads `1280x720`.
  private func readResolution(_ text: Span<UInt8>, of variant: inout Variant) {
    var end = 0
    while end < text.count, lowered(text[end]) != UInt8(ascii: "x") { end += 1 }
    guard end < text.count, let width = text.extracting(0..<end).wholeNumber(),
      let height = text.from(end + 1).wholeNumber()
    else { return }
    variant.width = Int(exactly: width)
    variant.height = Int(exactly: height)
  }

  private mutating func endVariant(_ line: Span<UInt8>) {
    guard var ended = variant, let uri = bounded(line)?.copied() else { return }
    variant = nil
    guard playlist.variants.count < StreamsLimits.variantsMax else {
      failed = true
      return
    }
    ended.uri = uri
    playlist.variants.append(ended)
  }

  private mutating func readRendition(_ line: Span<UInt8>) {
    isMultivariant = true
    guard let line = bounded(line) else { return }
    var rendition = MediaRendition(type: [], group: [], name: [])
    var attributes = PlaylistAttributes(of: line)
    while let attribute = attributes.next(in: line) {
      let name = line.extracting(attribute.name)
      let value = line.extracting(attribute.value)
      if name.equals("TYPE") {
        rendition.type = value.copied()
      } else if name.equals("GROUP-ID") {
        rendition.group = value.copied()
      } else if name.equals("NAME") {
        rendition.name = value.copied()
      } else if name.equals("URI") {
        rendition.uri = value.isEmpty ? nil : value.copied()
      } else if name.equals("DEFAULT") {
        rendition.isDefault = value.equals("YES")
      }
    }
    guard playlist.media.count < StreamsLimits.variantsMax else {
      failed = true
      return
    }
    playlist.media.append(rendition)
  }

  /// The line without blanks around it; `nil`, and no playlist, where it is too long for a URI.
  @_lifetime(copy line)
  private mutating func bounded(_ line: Span<UInt8>) -> Span<UInt8>? {
    let text = line.trimmed()
    guard text.count <= StreamsLimits.uriLineBytesMax else {
      failed = true
      return nil
    }
    return text
  }
}
