extension ObjectRecord {
  /// How many body fragments a whole object of this kind has, numbered from 1; none if inline.
  ///
  /// `nil` when it could not have been stored: then the record makes no sense.
  public var fragmentCount: Int? {
    if flags.contains(.inline) { return 0 }
    return Self.fragmentCount(bodyLength: bodyLength, unit: unit)
  }

  static func fragmentCount(bodyLength: UInt64, unit: UInt32) -> Int? {
    guard unit > 0, unit <= StoreLimits.fragmentDataBytesMax,
      bodyLength <= UInt64(unit) * StoreLimits.bodyFragmentsMax
    else { return nil }
    return Int((bodyLength + UInt64(unit) - 1) / UInt64(unit))
  }
}
