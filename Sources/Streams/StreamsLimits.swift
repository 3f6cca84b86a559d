public import Bytes

/// How much of a playlist, manifest or container is looked at, and for how long verdicts hold.
public enum StreamsLimits {
  /// Bytes of one HLS playlist that are read: 16 MiB.
  ///
  /// A day of 2 s segments is 4 MiB. A longer one has no facts: it passes on unread.
  public static let playlistBytesMax = 16 << 20

  /// Bytes of one playlist line that are read: 512.
  ///
  /// The facts stand at the front of their lines; the rest (a long URI, a title) is skipped.
  public static let playlistLineBytesMax = 512

  /// Bytes of one DASH manifest that are read: 16 MiB.
  ///
  /// A longer one has no facts: it passes on unread.
  public static let manifestBytesMax = 16 << 20

  /// Bytes of one XML tag with its attributes: 8 KiB.
  ///
  /// Stock packagers write under 1 KiB. A longer tag makes the manifest unreadable: no facts.
  public static let manifestTagBytesMax = 8192

  /// The longest duration that is believed, of a segment as of a window: 30 days.
  ///
  /// Keeps every sum of durations far from overflow; longer ones count as 30 days.
  public static let durationMax = Milliseconds(30 * 86_400_000)

  /// The longest target duration that is believed: one hour; a longer one is a parse error.
  public static let targetDurationMax = Milliseconds(3_600_000)

  /// Open containers in a row, in one directory, that switch the container check off there.
  public static let openContainersMax = 3

  /// How long the container check stays off in a directory: ten minutes.
  public static let containerCheckOff = Milliseconds(600_000)

  /// Directories with open containers that are remembered: 1 024 (56 KiB).
  ///
  /// Sets of `trustWays`; a full set forgets the one that was used least recently, and one whose
  /// check is off only when all are.
  public static let trustSets = 256

  /// Directories per set of the table above.
  public static let trustWays = 4

  /// Parts that one playlist names and that are remembered: three target durations of 0.2 s parts
  /// are under a hundred.
  public static let partsPerPlaylist = 128

  /// Bytes of one playlist line whose URI is kept: 8 KiB.
  ///
  /// Signed URLs have one or two. A longer one cannot be asked for: no playlist.
  public static let uriLineBytesMax = 8192

  /// Segments of one media playlist that are kept: 131 072 (about 20 MiB with short names).
  ///
  /// A week of 6 s segments is 100 800. A longer playlist is refused, not cut: what would be cut is
  /// the live end.
  public static let mediaSegmentsMax = 131_072

  /// Partial segments of one media playlist that are kept: 4 096.
  ///
  /// Three target durations of 0.2 s parts are under a hundred; some packagers keep them for the
  /// whole window. With more the playlist is refused.
  public static let mediaPartsMax = 4096

  /// EXT-X-KEY lines of one media playlist that are in force at a time: 32.
  ///
  /// One for each key system; there are a handful. With more, or with more bytes of keys than a
  /// playlist has, the lines stay where they are and are not repeated for a segment that becomes
  /// the first.
  public static let keyLinesMax = 32

  /// Bytes of maps and keys that are stated again behind discontinuities, in one playlist: 1 MiB.
  ///
  /// A day with an ad break in every ten minutes has 288 of them, 200 bytes each. Behind further
  /// ones only what is new is stated: players carry the rest over, as the standard has it.
  public static let repeatedBytesMax = 1 << 20

  /// Variants, and renditions, of one multivariant playlist that are kept: 1 024 each.
  ///
  /// Ladders have a dozen. With more the playlist is refused.
  public static let variantsMax = 1024

  /// The longest time that a manifest's timeline is believed to have: 100 years.
  ///
  /// Live manifests whose clock starts in 1970 have periods that start more than 50 years later;
  /// with Unix times added it stays far from overflow.
  public static let manifestTimeMax = Milliseconds(36_500 * 86_400_000)

  /// Periods, adaptation sets and representations of one manifest that are kept: 32 768 in all.
  ///
  /// A day with an ad break in every ten minutes has under 10 000. With more it is refused.
  public static let manifestElementsMax = 32_768

  /// Entries of all segment timelines of one manifest that are kept: 262 144 (10 MiB).
  ///
  /// A day of 2 s segments, each with an entry of its own, is 43 200 a representation. With more
  /// the manifest is refused.
  public static let timelineEntriesMax = 262_144

  /// Elements of a manifest inside each other: 64.
  ///
  /// Segments stand seven deep; the rest is room for what descriptors and events hold. A deeper
  /// manifest is refused.
  public static let manifestDepthMax = 64

  /// Digits that the name of a segment may ask a number to be padded to: 32.
  ///
  /// The longest number has 20.
  public static let nameDigitsMax = 32

  /// Bytes of a manifest that may be rewritten: 4 MiB.
  ///
  /// One is a megabyte at most where it comes from; a switch adds the periods of the servers before
  /// (`bridgeBytesMax`). A longer one passes as it is.
  public static let manifestTextBytesMax = 4 << 20

  /// Elements of note of a manifest that may be rewritten: 131 072 (10 MiB while it is done).
  ///
  /// A megabyte of segments with an element of their own is 40 000. With more it passes as it is.
  public static let manifestTextElementsMax = 131_072

  /// Bytes of finished periods that a manifest carries on behind a switch: 2 MiB.
  ///
  /// Two manifests of the largest size. With more the oldest go first.
  public static let bridgeBytesMax = 2 << 20

  /// Finished periods that a manifest carries on behind a switch: 256.
  ///
  /// Switches inside one window are a handful; the rest is room for ad breaks. With more the oldest
  /// go first.
  public static let bridgePeriodsMax = 256

  /// The longest update period of a manifest behind a switch: 5 s.
  ///
  /// The next switch must be seen before the buffer of a player is empty.
  public static let bridgeUpdatePeriodMax = Milliseconds(5000)

  /// How far the clock of a server's periods may drift behind a switch: 1 s.
  ///
  /// Some packagers write a slightly other start of availability with every update. What drifts
  /// further is another timeline, and nothing is sent for it.
  public static let bridgeDriftMax = Milliseconds(1000)

  /// Segments of one live playlist that are remembered as sent: 512.
  ///
  /// 17 minutes of 2 s segments, more than any player goes back after a switch; a longer window
  /// loses its front when its presentation changes server.
  public static let historySegmentsMax = 512

  /// Segments in a row that have to agree before two servers count as one timeline: three.
  public static let alignedSegments = 3

  /// Segments that are compared at most to tell that: 16, more than a live window has in common.
  public static let alignmentChecked = 16

  /// Bytes of the record of one live playlist: 496, so that it fits half a KiB with its checksum.
  ///
  /// Its paths have about 130 each; a playlist with longer ones begins anew after a restart.
  public static let recordBytesMax = 496

  /// Bytes of the record of one DASH presentation: 64 KiB but for its checksum.
  ///
  /// A manifest with the timelines of a window of hours may be longer: it begins anew after a
  /// restart.
  public static let manifestRecordBytesMax = (64 << 10) - 16

  /// Servers of the last epochs that a record names: eight.
  ///
  /// Media of older epochs has left every window by then.
  public static let recordServersMax = 8

  /// Representations of one manifest whose live edge is followed: 256.
  ///
  /// Ladders with sound in many languages have a few dozen. Those of older periods come last, and
  /// what is beyond is asked for without a look at its edge.
  public static let segmentSeriesMax = 256

  /// Bytes of the path of a segment whose edge is followed: 1 KiB.
  ///
  /// Longer ones are asked for without a look at their edge.
  public static let segmentPathBytesMax = 1024

  /// URLs of clocks that one manifest names and that are noted: eight.
  ///
  /// There are one or two. What further ones answer is kept as its origin says.
  public static let timingURLsMax = 8
}
