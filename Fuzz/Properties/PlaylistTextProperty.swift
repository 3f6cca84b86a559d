import Streams

/// Takes any media playlist apart into text and writes it: it says what it said, and no more often.
enum PlaylistTextProperty {
  static func check(_ bytes: [UInt8]) {
    let playlist = MediaPlaylist.read(bytes.span)
    let text = PlaylistText.read(bytes.span)
    precondition((playlist == nil) == (text == nil), "a playlist to one of the two only")
    guard let playlist, let text else { return }
    checkFacts(text, of: playlist)
    let written = text.write()
    precondition(MediaPlaylist.read(written.span) == playlist, "it says something else now")
    precondition(PlaylistText.read(written.span)?.write() == written, "it changes every time")
    checkFronts(text, of: playlist)
    checkUpdate(text, of: playlist)
  }

  private static func checkFacts(_ text: PlaylistText, of playlist: MediaPlaylist) {
    precondition(text.lastSequence == playlist.lastSequence, "another last number")
    precondition(text.targetDuration == playlist.targetDuration, "another target duration")
    precondition(text.segments.map(\.uri) == playlist.segments.map(\.uri), "other segments")
    precondition(
      text.segments.map(\.duration) == playlist.segments.map(\.duration), "other durations")
    precondition(
      text.segments.map(\.programDateTime) == playlist.segments.map(\.programDateTime),
      "other times")
  }

  /// Any segment can become the first: it keeps its map and its bytes.
  private static func checkFronts(_ text: PlaylistText, of playlist: MediaPlaylist) {
    for dropped in 0..<min(text.segments.count, 4) {
      var shorter = text
      shorter.segments.removeFirst(dropped)
      let read = MediaPlaylist.read(shorter.write().span)
      let segments = playlist.segments.dropFirst(dropped)
      precondition(read?.segments.map(\.uri) == segments.map(\.uri), "lost a segment")
      precondition(read?.segments.map(\.map) == segments.map(\.map), "lost a map")
      precondition(
        read?.segments.map(\.byteRange) == segments.map(\.byteRange), "lost a byte range")
    }
  }

  /// What a delta update leaves out and what it lists are the whole.
  private static func checkUpdate(_ text: PlaylistText, of playlist: MediaPlaylist) {
    guard let update = DeltaUpdate.of(text, skip: .v2) else { return }
    guard let read = MediaPlaylist.read(update.write().span) else {
      preconditionFailure("an update that cannot be read")
    }
    precondition(read.lastSequence == playlist.lastSequence, "another last number")
    precondition(
      read.segments.map(\.uri) == playlist.segments.dropFirst(read.skippedCount).map(\.uri),
      "other segments than the last ones")
    precondition(read.parts == playlist.parts, "other parts")
    let tail = RenditionReports.shifted(text.tail.span, by: 1)
    precondition(RenditionReports.shifted(text.tail.span, by: 0) == text.tail, "shifted by nothing")
    precondition(tail.count <= text.tail.count * 2, "reports out of nothing")
  }
}
