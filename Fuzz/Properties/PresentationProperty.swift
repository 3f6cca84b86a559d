import Bytes
import Streams

/// Reads any bytes as a manifest and names its segments: never traps, agrees with the facts, keeps
/// the limits.
enum PresentationProperty {
  static func check(_ bytes: [UInt8]) {
    guard let manifest = Manifest.read(bytes.span) else { return }
    if let facts = ManifestFacts.read(bytes.span) {
      precondition(manifest.isDynamic == facts.isDynamic, "live or not")
      precondition(
        manifest.minimumUpdatePeriod == facts.minimumUpdatePeriod, "another update period")
      precondition(
        manifest.timeShiftBufferDepth == facts.timeShiftBufferDepth, "another buffer depth")
    }
    var elements = manifest.periods.count
    checkURL(manifest.baseURL)
    for period in manifest.periods {
      elements += period.adaptationSets.count
      checkURL(period.baseURL)
      for set in period.adaptationSets {
        elements += set.representations.count
        checkURL(set.baseURL)
        for representation in set.representations { check(representation) }
      }
    }
    precondition(elements <= StreamsLimits.manifestElementsMax, "too many elements were kept")
  }

  private static func check(_ representation: Representation) {
    checkURL(representation.baseURL)
    guard let template = representation.template else { return }
    precondition(template.timescale > 0 && template.duration != 0, "a division by zero")
    precondition(
      template.availabilityTimeOffset >= .zero
        && template.availabilityTimeOffset <= StreamsLimits.durationMax, "an unbounded offset")
    precondition(
      template.timeline.count <= StreamsLimits.timelineEntriesMax, "too many entries were kept")
    for entry in template.timeline {
      precondition(entry.duration > 0 && entry.repeats >= -1, "a run that never ends")
    }
    for text in [template.initialization, template.media] {
      guard let text else { continue }
      let time = template.timeline.first?.time ?? template.presentationTimeOffset
      let name = template.name(
        text, representation: representation, number: template.startNumber, time: time)
      checkName(name, of: text)
    }
  }

  /// What a template makes has no control character that does not stand in the template itself.
  private static func checkName(_ name: [UInt8]?, of template: [UInt8]) {
    guard let name else { return }
    precondition(name.count <= StreamsLimits.uriLineBytesMax, "a name beyond all measure")
    let before = template.filter(isControl)
    precondition(name.filter(isControl).count <= before.count, "a control character came in")
    if !template.contains(UInt8(ascii: "$")) {
      precondition(name == template, "a name without identifiers changed")
    }
  }

  private static func checkURL(_ url: [UInt8]?) {
    precondition(
      (url?.count ?? 0) <= StreamsLimits.uriLineBytesMax, "a base URL beyond all measure")
  }

  private static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x7F }
}
