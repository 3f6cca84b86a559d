internal import Bytes

/// Reads the facts of a DASH manifest from its bytes as they pass, by a scan of its tags.
///
/// Fed with the consecutive pieces of one unencoded UTF-8 body, cut anywhere. It expands no
/// entity and follows no reference; a document type declaration makes the manifest unreadable.
/// Keeps one tag, at most `StreamsLimits.manifestTagBytesMax` of it.
public struct ManifestReader: Sendable {
  private enum Place: Equatable {
    case text
    /// Inside `<…>`; `quote` is the open quotation mark, or 0.
    case tag(quote: UInt8)
    /// Inside a comment, CDATA or instruction, which `count` times `closer`, then `>`, ends.
    case hidden(closer: UInt8, count: Int, seen: Int)
    case failed
  }

  private var elements = ManifestElements()
  private var place = Place.text
  private var tag: [UInt8] = []
  private var byteCount = 0

  /// Starts at the first byte of a manifest.
  public init() {}

  /// Takes the next bytes of the manifest.
  public mutating func feed(_ bytes: Span<UInt8>) {
    byteCount += bytes.count
    if byteCount > StreamsLimits.manifestBytesMax { place = .failed }
    for index in 0..<bytes.count {
      let byte = bytes[index]
      switch place {
      case .text:
        if byte == UInt8(ascii: "<") { place = .tag(quote: 0) }
      case .tag(let quote):
        takeTag(byte, quote: quote)
      case .hidden(let closer, let count, let seen):
        takeHidden(byte, closer: closer, count: count, seen: seen)
      case .failed:
        return
      }
    }
  }

  /// Ends the manifest.
  ///
  /// - Returns: `nil` for what is no manifest: another root than `MPD`, a root that does not end,
  ///   a cut or overlong tag, a document type declaration, a duration that is none, over 16 MiB.
  public consuming func finish() -> ManifestFacts? {
    place == .text ? elements.facts : nil
  }

  private mutating func takeTag(_ byte: UInt8, quote: UInt8) {
    if quote != 0 {
      if byte == quote { place = .tag(quote: 0) }
    } else if byte == UInt8(ascii: ">") {
      endTag()
      return
    } else if byte == UInt8(ascii: "<") {
      place = .failed
      return
    } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
      place = .tag(quote: byte)
    }
    guard tag.count < StreamsLimits.manifestTagBytesMax else {
      place = .failed
      return
    }
    tag.append(byte)
    if tag[0] == UInt8(ascii: "!") || tag[0] == UInt8(ascii: "?") { hide() }
  }

  private mutating func endTag() {
    var whole: [UInt8] = []
    swap(&whole, &tag)  // keeps the buffer while its span is read
    place = elements.take(whole.span) ? .text : .failed
    whole.removeAll(keepingCapacity: true)
    swap(&whole, &tag)
  }

  /// Leaves the tag for what it turns out to be: an instruction, a comment, CDATA, a declaration.
  private mutating func hide() {
    if let hidden = Self.hidden(by: tag.span) {
      place = hidden
      tag.removeAll(keepingCapacity: true)
    } else if !isBeginning(of: "!--") && !isBeginning(of: "![CDATA[") {
      place = .failed
    }
  }

  private static func hidden(by opening: Span<UInt8>) -> Place? {
    if opening.equals("?") { return .hidden(closer: UInt8(ascii: "?"), count: 1, seen: 0) }
    if opening.equals("!--") { return .hidden(closer: UInt8(ascii: "-"), count: 2, seen: 0) }
    if opening.equals("![CDATA[") { return .hidden(closer: UInt8(ascii: "]"), count: 2, seen: 0) }
    return nil
  }

  private func isBeginning(of literal: String) -> Bool {
    tag.count < literal.utf8.count && literal.utf8.starts(with: tag)
  }

  private mutating func takeHidden(_ byte: UInt8, closer: UInt8, count: Int, seen: Int) {
    if byte == UInt8(ascii: ">"), seen == count {
      place = .text
    } else {
      let run = byte == closer ? min(seen + 1, count) : 0
      place = .hidden(closer: closer, count: count, seen: run)
    }
  }
}
