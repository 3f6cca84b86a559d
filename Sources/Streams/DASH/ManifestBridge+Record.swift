internal import Bytes

/// What is kept of a bridge over a restart of the node: the text that was sent last, and what
/// cannot be read from it.
extension ManifestBridge {
  func add(to writer: inout RecordWriter) {
    writer.add(UInt64(finishedInSent))
    writer.add(finishedEnd)
    writer.add(leftAt?.count)
    writer.add(periodEpoch.map { Int64(clamping: $0) })
    writer.add(publishTime?.count)
    writer.add(UInt64(periods.count))
    for period in periods {
      writer.add(period.id)
      writer.add(period.origin)
      writer.add(period.cut)
    }
    writer.add(sent)
  }

  /// Reads it again; `nil` for what is none.
  ///
  /// - Parameters:
  ///   - reader: Where it stands.
  ///   - bytes: The record.
  init?(_ reader: inout RecordReader, _ bytes: Span<UInt8>) {
    let longest = StreamsLimits.manifestTimeMax.count
    guard let count = reader.number(bytes),
      let finishedEnd = reader.optional(bytes, within: longest),
      let leftAt = reader.optional(bytes, within: longest),
      let periodEpoch = reader.optional(bytes, within: .max),
      let publishTime = reader.optional(bytes, within: longest),
      let periodCount = reader.number(bytes), periodCount <= UInt64(StreamsLimits.bridgePeriodsMax)
    else { return nil }
    var periods: [SentPeriod] = []
    for _ in 0..<periodCount {
      guard let id = reader.text(bytes), let origin = reader.signed(bytes, within: longest),
        let cut = reader.signed(bytes, within: longest), cut >= 0
      else { return nil }
      periods.append(SentPeriod(id: id, origin: origin, cut: cut))
    }
    guard let sent = reader.text(bytes) else { return nil }
    self.init(first: sent.span)
    guard let text = ManifestText.read(sent.span),
      let times = Manifest.read(sent.span)?.periodTimes, count <= UInt64(times.count),
      text.periods.count == times.count
    else { return nil }
    finishedInSent = Int(count)
    finished = (0..<finishedInSent).map { index in
      let place = text.elements[text.periods[index]].whole
      return FinishedPeriod(
        text: text.bytes.span.extracting(place).copied(), times: times[index])
    }
    self.finishedEnd = finishedEnd
    self.leftAt = leftAt.map { Milliseconds($0) }
    self.periodEpoch = periodEpoch.flatMap { UInt64(exactly: $0) }
    self.publishTime = publishTime.map { Milliseconds($0) }
    self.periods = periods
  }
}
