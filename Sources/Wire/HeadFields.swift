// Exception: this file uses `unsafe`, which the style guide keeps to four places. An InlineArray in
// a struct was copied whole (a kilobyte) at every read of one field, so the table lies on the heap,
// where it is allocated once for the life of a head. Every index is compared with `count`.

/// The fields of one head in the order in which they were sent, with an index by known name.
///
/// Owns two allocations of 1.1 KiB, made by `init`: keep a head in the worker's scratch and parse
/// into it again and again. Not copyable: pass it `borrowing` or `inout`.
@safe public struct HeadFields: ~Copyable, @unchecked Sendable {
  // Exception: unchecked, because it owns its memory alone and cannot be copied.

  /// The number of fields.
  public private(set) var count = 0
  /// Which known names are there more than once, one bit each.
  private var repeatedLow: UInt64 = 0
  private var repeatedHigh: UInt64 = 0
  private let storage: UnsafeMutablePointer<Field>
  /// The first index of each known name, or `absent`.
  private let first: UnsafeMutablePointer<UInt8>

  private static var absent: UInt8 { 0xFF }
  /// Room for every token value, rounded up to whole blocks of sixteen.
  private static var tokensMax: Int { 96 }

  /// Makes an empty list; nothing else allocates.
  public init() {
    precondition(FieldName.count <= HeadFields.tokensMax)
    unsafe storage = .allocate(capacity: WireLimits.fieldsMax)
    unsafe first = .allocate(capacity: HeadFields.tokensMax)
    unsafe first.initialize(repeating: HeadFields.absent, count: HeadFields.tokensMax)
  }

  deinit {
    unsafe storage.deallocate()
    unsafe first.deallocate()
  }

  /// The field at `index`, in the order of arrival.
  public subscript(index: Int) -> Field {
    @inline(__always) get {
      precondition(index >= 0 && index < count)
      return unsafe storage[index]
    }
  }

  /// The index of the first field named `token`, in constant time; `nil` for `.other`.
  @inline(__always)
  public func firstIndex(of token: FieldName) -> Int? {
    let index = unsafe first[Int(token.rawValue)]
    return index == HeadFields.absent ? nil : Int(index)
  }

  /// The value of the first field named `token`.
  @inline(__always)
  public func first(_ token: FieldName) -> ByteRange? {
    guard let index = firstIndex(of: token) else { return nil }
    return self[index].value
  }

  /// The index of the next field named `token` behind `index`.
  @inline(__always)
  public func nextIndex(of token: FieldName, after index: Int) -> Int? {
    guard isRepeated(token) else { return nil }
    var next = index &+ 1
    while next < count {
      if self[next].token == token { return next }
      next &+= 1
    }
    return nil
  }

  /// Whether a field named `token` is there.
  @inline(__always)
  public func has(_ token: FieldName) -> Bool {
    unsafe first[Int(token.rawValue)] != HeadFields.absent
  }

  /// Whether more than one field is named `token`.
  @inline(__always)
  public func isRepeated(_ token: FieldName) -> Bool {
    let bits = token.rawValue < 64 ? repeatedLow : repeatedHigh
    return (bits &>> UInt64(token.rawValue & 63)) & 1 == 1
  }

  /// Finds the first field whose name is `name`, known or not.
  ///
  /// - Parameters:
  ///   - name: the field name in lower case.
  ///   - bytes: the head that these fields were parsed from.
  /// - Returns: its index, or `nil`.
  public func firstIndex(named name: Span<UInt8>, in bytes: Span<UInt8>) -> Int? {
    let token = FieldName(name)
    if token != .other { return firstIndex(of: token) }
    for index in 0..<count where self[index].token == .other {
      if bytes.slice(self[index].name).equalsIgnoringCase(name) { return index }
    }
    return nil
  }

  /// Forgets all fields.
  @inline(__always)
  public mutating func removeAll() {
    count = 0
    repeatedLow = 0
    repeatedHigh = 0
    unsafe first.update(repeating: HeadFields.absent, count: HeadFields.tokensMax)
  }

  /// Adds a field at the end, to be recognised later; false where the list is full.
  @inline(__always)
  mutating func appendUnknown(_ field: Field) -> Bool {
    guard count < WireLimits.fieldsMax else { return false }
    unsafe (storage + count).initialize(to: field)
    count &+= 1
    return true
  }

  /// Recognises the names of all fields.
  ///
  /// Apart from the scan of the lines, so that both loops keep their constants in registers.
  mutating func recogniseNames(_ bytes: Span<UInt8>) {
    for index in 0..<count {
      let name = unsafe storage[index].name
      let token = FieldName.recognise(bytes, from: Int(name.start), count: Int(name.count))
      guard token != .other else { continue }
      unsafe storage[index].token = token
      unsafe storage[index].isHopByHop = token.isHopByHop
      note(token, at: index)
    }
  }

  /// Says that a Connection field named the field at `index`.
  mutating func markHopByHop(at index: Int) {
    precondition(index >= 0 && index < count)
    unsafe storage[index].isHopByHop = true
  }

  @inline(__always)
  private mutating func note(_ token: FieldName, at index: Int) {
    let place = Int(token.rawValue)
    if unsafe first[place] == HeadFields.absent {
      unsafe first[place] = UInt8(truncatingIfNeeded: index)
    } else if place < 64 {
      repeatedLow |= 1 &<< UInt64(place)
    } else {
      repeatedHigh |= 1 &<< UInt64(place &- 64)
    }
  }
}
