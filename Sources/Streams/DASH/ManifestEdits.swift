internal import Wire

/// Changes to the text of a manifest, collected and then made at once.
struct ManifestEdits {
  private struct Edit {
    var range: Range<Int>
    var bytes: [UInt8]
  }

  private var edits: [Edit] = []

  /// Nothing is to be changed.
  var isEmpty: Bool { edits.isEmpty }

  /// Puts bytes in the place of others; no bytes to remove, an empty place to insert.
  mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) {
    edits.append(Edit(range: range, bytes: bytes))
  }

  /// Makes other changes too.
  mutating func add(_ others: ManifestEdits) { edits += others.edits }

  /// Removes an element and the white space in front of it.
  mutating func remove(_ element: Int, of text: ManifestText) {
    let end = text.elements[element].whole.upperBound
    replace(text.blankStart(of: element)..<end, with: [])
  }

  /// Removes an attribute, where it is there, and the white space in front of it.
  mutating func remove(_ name: StaticString, from element: Int, of text: ManifestText) {
    guard let (name, value) = text.wholeAttribute(name, of: element),
      value.upperBound < text.elements[element].tag.upperBound
    else { return }
    replace(text.blankStart(at: name.lowerBound)..<(value.upperBound + 1), with: [])
  }

  /// Sets an attribute, which is added where it is missing; what XML wants escaped is escaped.
  mutating func set(
    _ name: StaticString, to value: [UInt8], of element: Int, in text: ManifestText
  ) {
    let encoded = XMLText.encoded(value)
    if let place = text.attribute(name, of: element) {
      replace(place, with: encoded)
    } else {
      add(Array(" \(name)=\"".utf8) + encoded + [UInt8(ascii: "\"")], to: element, of: text)
    }
  }

  /// Adds text behind the name in the start tag of an element.
  mutating func add(_ attributes: [UInt8], to element: Int, of text: ManifestText) {
    let tag = text.elements[element].tag
    let end = tag.lowerBound + text.bytes.span.extracting(tag).elementNameRange.upperBound
    replace(end..<end, with: attributes)
  }

  /// The part of a text that is wanted, all of it where none is named, with all changes made.
  ///
  /// `nil` where two changes overlap, for it is not clear what is meant, or reach out of the part.
  func applied(to bytes: [UInt8], part: Range<Int>? = nil) -> [UInt8]? {
    let part = part ?? 0..<bytes.count
    var result: [UInt8] = []
    result.reserveCapacity(part.count + edits.reduce(0) { $0 + $1.bytes.count })
    var position = part.lowerBound
    // What is inserted at one place keeps the order in which it was asked for.
    let order = edits.indices.sorted {
      (edits[$0].range.lowerBound, $0) < (edits[$1].range.lowerBound, $1)
    }
    for index in order {
      let edit = edits[index]
      guard edit.range.lowerBound >= position, edit.range.upperBound <= part.upperBound else {
        return nil
      }
      result += bytes[position..<edit.range.lowerBound]
      result += edit.bytes
      position = edit.range.upperBound
    }
    result += bytes[position..<part.upperBound]
    return result
  }
}
