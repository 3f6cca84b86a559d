import Bytes
import Streams

/// Takes any bytes for a record of a playlist or manifest: what is read is written as it was, and
/// a manifest goes on from it without a trap.
enum StreamRecordProperty {
  private static let next = Array(
    """
    <MPD type="dynamic" availabilityStartTime="2026-11-01T00:00:00Z"
    publishTime="2026-11-01T00:01:00Z">
    <Period id="0" start="PT0S"><AdaptationSet contentType="video"><Representation id="v">
    <SegmentTemplate media="$Time$"><SegmentTimeline><S t="0" d="2" r="40"/></SegmentTimeline>
    </SegmentTemplate></Representation></AdaptationSet></Period></MPD>
    """.utf8)

  static func check(_ bytes: [UInt8]) {
    if let record = StreamRecord(bytes.span) {
      precondition(record.encoded == bytes, "the record of a playlist has changed")
    }
    guard let record = ManifestRecord(bytes.span) else { return }
    if let again = record.encoded {
      precondition(ManifestRecord(again.span)?.encoded == again, "the record has changed")
    }
    var bridge = record.bridge
    for now in [0, 1_793_491_290_000, Int64.max] {
      for epoch: UInt64 in 0...2 {
        _ = bridge.next(next.span, epoch: epoch, now: Milliseconds(now))
        bridge.switchOrigin(at: Milliseconds(now))
      }
      _ = bridge.end(now: Milliseconds(now))
    }
  }
}
