public import Wire

/// The validators of a stored answer, as its origin sent them.
public struct Validators: Sendable, Equatable {
  /// The ETag's value, quotes and `W/` included; empty if there is none.
  public var entityTag: [UInt8]
  /// The Last-Modified's value; empty if there is none.
  public var lastModified: [UInt8]

  /// Validators as they stand in a head; empty means absent.
  public init(entityTag: [UInt8] = [], lastModified: [UInt8] = []) {
    self.entityTag = entityTag
    self.lastModified = lastModified
  }

  /// Whether the ETag proves equal bytes: RFC 9110 section 8.8.1.
  ///
  /// A date never does here: two versions within one second are the rule with live playlists.
  public var isStrong: Bool { entityTag.first == UInt8(ascii: "\"") }

  /// Whether there is anything to revalidate with.
  public var isEmpty: Bool { entityTag.isEmpty && lastModified.isEmpty }
}

/// What a Fill's request asks under: the node's own condition, never the viewer's.
public enum OriginCondition: Sendable, Equatable {
  /// The whole object.
  case none
  /// 304 if nothing changed: RFC 9111 section 4.3.1.
  case revalidate(Validators)
  /// 304 if one of several variants is the answer: RFC 9110 section 13.1.2.
  case anyOf([[UInt8]])
  /// The bytes from `offset` on, if they are still the strong tag's: RFC 9110 section 13.1.5.
  case resume(offset: UInt64, entityTag: [UInt8])
  /// A range, under an If-Range if there is one, unless a stored piece is still true.
  case range(RangeRequest.Extent, ifRange: [UInt8], validators: Validators?)

  /// Whether 304 may be the answer.
  public var allowsNotModified: Bool {
    switch self {
    case .revalidate, .anyOf: true
    case .range(_, _, let validators): validators != nil
    case .none, .resume: false
    }
  }

  func append(to output: inout [UInt8]) {
    switch self {
    case .none: break
    case .revalidate(let validators):
      output.appendField("If-None-Match", validators.entityTag)
      output.appendField("If-Modified-Since", validators.lastModified)
    case .anyOf(let entityTags):
      output.appendField("If-None-Match", Array(entityTags.joined(separator: ", ".utf8)))
    case .resume(let offset, let entityTag):
      output.appendField("Range", "bytes=\(offset)-")
      output.appendField("If-Range", entityTag)
    case .range(let extent, let ifRange, let validators):
      output.appendField("Range", "bytes=\(OriginCondition.text(of: extent))")
      output.appendField("If-Range", ifRange)
      if let validators { OriginCondition.revalidate(validators).append(to: &output) }
    }
  }

  private static func text(of extent: RangeRequest.Extent) -> String {
    switch extent {
    case .closed(let first, let last): "\(first)-\(last)"
    case .from(let first): "\(first)-"
    case .openEnded(let first): "\(first)-\(RangeRequest.openEndedLast)"
    case .suffix(let count): "-\(count)"
    }
  }
}
