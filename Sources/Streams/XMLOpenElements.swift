internal import Wire

/// The open elements of an XML document, from the root inwards, with a note on each.
///
/// Nothing is recursive: elements in each other are a short list.
struct XMLOpenElements<Note> {
  private struct Open {
    var note: Note
    /// Where its name stands in the document: the end must repeat it.
    var name: Range<Int>
  }

  private var open: [Open] = []

  /// No element is open.
  var isEmpty: Bool { open.isEmpty }

  /// The note on the innermost element.
  var last: Note? { open.last?.note }

  /// Opens an element whose name stands at that place of the document.
  ///
  /// `false` where it would be deeper than `StreamsLimits.manifestDepthMax`.
  mutating func begin(_ note: Note, name: Range<Int>) -> Bool {
    guard open.count < StreamsLimits.manifestDepthMax else { return false }
    open.append(Open(note: note, name: name))
    return true
  }

  /// Ends the innermost element by an end tag of the document, with its slash.
  ///
  /// `nil` where the tag is of another one.
  mutating func end(_ tag: Span<UInt8>, in body: Span<UInt8>) -> Note? {
    guard let ended = open.popLast(), body.extracting(ended.name).equals(tag.from(1).elementName)
    else { return nil }
    return ended.note
  }
}
