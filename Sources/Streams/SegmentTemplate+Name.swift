/// The names of segments.
extension SegmentTemplate {
  /// The name that a template makes for one segment.
  ///
  /// - Source: ISO/IEC 23009-1 §5.3.9.4.4.
  ///
  /// - Parameters:
  ///   - template: `initialization` or `media`.
  ///   - representation: The one whose id and bandwidth go into the name.
  ///   - number: The number of the segment.
  ///   - time: The start of the segment in units of the timescale.
  /// - Returns: `nil` for an identifier that is unknown or does not end, a width that is none, an
  ///   id with control characters, and a name longer than `StreamsLimits.uriLineBytesMax`.
  public func name(
    _ template: [UInt8], representation: Representation, number: UInt64, time: UInt64
  ) -> [UInt8]? {
    let dollar = UInt8(ascii: "$")
    let text = template.span
    var name: [UInt8] = []
    name.reserveCapacity(text.count + 24)
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      guard byte == dollar else {
        name.append(byte)
        continue
      }
      let start = index
      while index < text.count, text[index] != dollar { index += 1 }
      guard index < text.count else { return nil }
      let identifier = text.extracting(start..<index)
      index += 1
      if identifier.isEmpty {
        name.append(dollar)
      } else if identifier.equals("RepresentationID") {
        guard append(representation.id, to: &name) else { return nil }
      } else {
        let values = (number, time, representation.bandwidth)
        guard append(identifier, of: values, to: &name) else { return nil }
      }
      guard name.count <= StreamsLimits.uriLineBytesMax else { return nil }
    }
    return name.count <= StreamsLimits.uriLineBytesMax ? name : nil
  }

  private func append(_ id: [UInt8], to name: inout [UInt8]) -> Bool {
    for byte in id where byte < 0x20 || byte == 0x7F { return false }
    name.append(contentsOf: id)
    return true
  }

  /// Appends the number that an identifier such as `Number%05d` stands for.
  private func append(
    _ identifier: Span<UInt8>, of values: (number: UInt64, time: UInt64, bandwidth: UInt64),
    to name: inout [UInt8]
  ) -> Bool {
    var end = 0
    while end < identifier.count, identifier[end] != UInt8(ascii: "%") { end += 1 }
    let word = identifier.extracting(0..<end)
    guard let width = width(identifier.from(end)) else { return false }
    if word.equals("Number") {
      append(values.number, width: width, to: &name)
    } else if word.equals("Time") {
      append(values.time, width: width, to: &name)
    } else if word.equals("Bandwidth") {
      append(values.bandwidth, width: width, to: &name)
    } else {
      return false
    }
    return true
  }

  /// The width of `%0[width]d`; 1 where there is no format.
  private func width(_ format: Span<UInt8>) -> Int? {
    if format.isEmpty { return 1 }
    guard format.count >= 4, format.starts(with: "%0"),
      format[format.count - 1] == UInt8(ascii: "d"),
      let width = format.extracting(2..<(format.count - 1)).wholeNumber(),
      width <= UInt64(StreamsLimits.nameDigitsMax)
    else { return nil }
    return Int(width)
  }

  private func append(_ value: UInt64, width: Int, to name: inout [UInt8]) {
    let first = name.count
    var rest = value
    repeat {
      name.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    while name.count - first < width { name.append(UInt8(ascii: "0")) }
    name[first...].reverse()
  }
}
