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
    guard let pieces = pieces(of: template, representation) else { return nil }
    var name: [UInt8] = []
    name.reserveCapacity(template.count + 24)
    for piece in pieces {
      switch piece {
      case .text(let text): name.append(contentsOf: text)
      case .number(let width): name.append(decimal: number, width: width)
      case .time(let width): name.append(decimal: time, width: width)
      }
    }
    return name.count <= StreamsLimits.uriLineBytesMax ? name : nil
  }

  /// What a template is made of, for one representation.
  enum NamePiece: Equatable {
    /// The same in all names.
    case text([UInt8])
    /// The number, with so many digits at least.
    case number(width: Int)
    /// The time, with so many digits at least.
    case time(width: Int)
  }

  /// Reads a template; `nil` for what `name` makes nothing of.
  func pieces(of template: [UInt8], _ representation: Representation) -> [NamePiece]? {
    let dollar = UInt8(ascii: "$")
    let text = template.span
    var pieces: [NamePiece] = []
    var same: [UInt8] = []
    // Bytes of the texts before.
    var length = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      index += 1
      guard byte == dollar else {
        same.append(byte)
        continue
      }
      let start = index
      while index < text.count, text[index] != dollar { index += 1 }
      guard index < text.count else { return nil }
      let identifier = text.extracting(start..<index)
      index += 1
      if identifier.isEmpty {
        same.append(dollar)
      } else if identifier.equals("RepresentationID") {
        guard append(representation.id, to: &same) else { return nil }
      } else if let piece = piece(identifier) {
        pieces += [.text(same), piece]
        length += same.count
        same = []
      } else {
        guard let width = width(identifier, of: "Bandwidth") else { return nil }
        same.append(decimal: representation.bandwidth, width: width)
      }
      guard length + same.count <= StreamsLimits.uriLineBytesMax else { return nil }
    }
    return pieces + [.text(same)]
  }

  private func append(_ id: [UInt8], to name: inout [UInt8]) -> Bool {
    for byte in id where byte < 0x20 || byte == 0x7F { return false }
    name.append(contentsOf: id)
    return true
  }

  /// The piece that an identifier such as `Number%05d` stands for.
  private func piece(_ identifier: Span<UInt8>) -> NamePiece? {
    if let width = width(identifier, of: "Number") { return .number(width: width) }
    return width(identifier, of: "Time").map { .time(width: $0) }
  }

  /// The width that an identifier states, if it is this word.
  private func width(_ identifier: Span<UInt8>, of word: StaticString) -> Int? {
    let count = word.utf8CodeUnitCount
    guard identifier.starts(with: word),
      identifier.count == count || identifier[count] == UInt8(ascii: "%")
    else { return nil }
    return width(identifier.from(count))
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
}

extension [UInt8] {
  /// Appends a number with so many digits at least.
  mutating func append(decimal value: UInt64, width: Int) {
    let first = count
    var rest = value
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    while count - first < width { append(UInt8(ascii: "0")) }
    self[first...].reverse()
  }
}
