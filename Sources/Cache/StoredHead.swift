public import Bytes
public import Policy
public import Wire

/// One field of a stored head, as ranges of its block.
public struct HeadLine: Equatable, Sendable {
  /// Which known field it is.
  public let token: FieldName
  /// The name as the origin wrote it.
  public let name: ByteRange
  /// The value, trimmed.
  public let value: ByteRange
}

/// A response head at rest: the end-to-end fields, rendered as HTTP/1 lines and ready to write.
///
/// Not in the block: what is made anew for every response (Content-Length, Content-Range, Age, Via,
/// Cache-Status, Connection and everything hop by hop). A hit copies the block in one piece; 304
/// and HEAD choose by field.
public struct StoredHead: Sendable {
  /// The status code.
  public internal(set) var status: UInt16
  /// `Name: value CRLF`, once per field.
  public private(set) var block: [UInt8] = []
  /// The fields of the block in order.
  public private(set) var lines: [HeadLine] = []
  /// The upstream caches' Via and Cache-Status values, to be continued by ours.
  public private(set) var via: [UInt8] = []
  /// The upstream caches' Cache-Status; empty where it was no such list, for behind a malformed
  /// member ours would be lost as well.
  public private(set) var cacheStatus: [UInt8] = []
  /// Lines for the viewer whose request caused the answer alone: `private="..."`,
  /// `no-cache="..."`.
  public private(set) var withheld: [UInt8] = []
  /// Last-Modified, if there is a valid one.
  public internal(set) var lastModified: HTTPDate?
  /// Date.
  public private(set) var date: HTTPDate?

  /// The head of an object that has none yet.
  static let empty = StoredHead()

  init() { status = 0 }

  /// Stores the end-to-end fields of `head`, but for what is to be `withheld`; `received` becomes
  /// the Date if the origin sent none (RFC 9110 section 6.6.1).
  public init(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, received: WallTime,
    withheld: WithheldFields = .none
  ) {
    status = head.status
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      if withheld != .none, withheld.contains(bytes.slice(field.name), of: head, bytes: bytes) {
        withhold(field, bytes: bytes)
      } else if StoredField.isKept(field) {
        append(field.token, name: bytes.slice(field.name), value: bytes.slice(field.value))
      } else {
        keepUpstream(field, bytes: bytes)
      }
    }
    finish(received: received)
  }

  /// The head of an answer that is passed on and not stored: every end-to-end field as it came,
  /// but for the framing of its body and what is meant for this cache alone.
  ///
  /// An answer to HEAD keeps its Content-Length.
  public init(passing head: borrowing ResponseHead, bytes: Span<UInt8>, received: WallTime) {
    status = head.status
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      switch field.token {
      case .via, .cacheStatus: keepUpstream(field, bytes: bytes)
      case .spillwayCacheControl: continue
      case .contentLength where head.framing != .none || head.status == 204 || head.status == 304:
        continue
      default:
        if field.isHopByHop { continue }
        append(field.token, name: bytes.slice(field.name), value: bytes.slice(field.value))
      }
    }
    finish(received: received)
  }

  /// The head of the representation that a 206 is a piece of: RFC 9111 section 3.4.
  public var ofWhole: StoredHead {
    var whole = self
    whole.status = 200
    return whole
  }

  /// This head updated with the fields of a 304 or of an answer to HEAD: every field that it
  /// carries replaces all stored fields of its name, but for what `StoredField.isReplaced` leaves
  /// out (RFC 9111 section 3.2).
  public init(
    _ old: StoredHead, updatedBy head: borrowing ResponseHead, bytes: Span<UInt8>, now: WallTime
  ) {
    guard old.block.count + bytes.count + 2 * head.fields.count <= CacheLimits.updatedHeadBytes
    else {
      self = old
      return
    }
    status = old.status
    // A head without Date is dated when it arrived (RFC 9110 section 6.6.1).
    let isDated = head.fields.has(.date)
    for line in old.lines where !StoredHead.isReplaced(line, in: old, by: head, bytes) {
      if line.token == .date, !isDated { continue }
      append(
        line.token, name: old.block.span.slice(line.name),
        value: old.block.span.slice(line.value))
    }
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      if StoredField.isReplaced(by: field) {
        append(field.token, name: bytes.slice(field.name), value: bytes.slice(field.value))
      } else {
        keepUpstream(field, bytes: bytes)
      }
    }
    finish(received: now)
  }

  /// Leaves out the fields that are `withheld`; `head` is the answer that lists them.
  public mutating func leaveOut(
    _ withheld: WithheldFields, listedBy head: borrowing ResponseHead, bytes: Span<UInt8>
  ) {
    guard withheld != .none else { return }
    let old = self
    block = []
    lines = []
    for line in old.lines {
      let name = old.block.span.slice(line.name)
      guard !withheld.contains(name, of: head, bytes: bytes) else { continue }
      append(line.token, name: name, value: old.block.span.slice(line.value))
    }
  }

  /// This head as an origin would send it, with the Age and the targeted field of the answer that
  /// updated it: what its freshness is judged by.
  public func responseText(
    with head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> [UInt8] {
    var text = Array("HTTP/1.1 \(status) \(HeadWriter.reason(of: status))\r\n".utf8)
    text += block
    for index in 0..<head.fields.count {
      let field = head.fields[index]
      guard field.token == .age || field.token == .spillwayCacheControl else { continue }
      text.append(contentsOf: bytes.slice(field.name))
      text += [UInt8(ascii: ":"), UInt8(ascii: " ")]
      text.append(contentsOf: bytes.slice(field.value))
      text += [13, 10]
    }
    text += [13, 10]
    return text
  }

  /// An interim response (102, 103) as it is passed on, blank line included; never stored.
  public static func interim(_ head: borrowing ResponseHead, bytes: Span<UInt8>) -> [UInt8] {
    let stored = StoredHead(interim: head, bytes: bytes)
    var text = Array("HTTP/1.1 \(head.status) \(HeadWriter.reason(of: head.status))\r\n".utf8)
    text += stored.block
    text += [13, 10]
    return text
  }

  private init(interim head: borrowing ResponseHead, bytes: Span<UInt8>) {
    status = head.status
    for index in 0..<head.fields.count where StoredField.isKept(head.fields[index]) {
      let field = head.fields[index]
      append(field.token, name: bytes.slice(field.name), value: bytes.slice(field.value))
    }
  }

  /// The first field of this name.
  public func first(_ token: FieldName) -> ByteRange? {
    for line in lines where line.token == token { return line.value }
    return nil
  }

  /// The entity tag with its quotes and weakness mark; empty if there is none.
  public var entityTag: ByteRange { first(.etag) ?? .empty }

  /// Heap bytes, for the memory account.
  public var heldBytes: Int {
    block.capacity + lines.capacity * MemoryLayout<HeadLine>.stride + via.capacity
      + cacheStatus.capacity + withheld.capacity
  }

  /// Via and Cache-Status are kept apart: ours is added to them in every response.
  private mutating func keepUpstream(_ field: Field, bytes: Span<UInt8>) {
    let value = bytes.slice(field.value)
    switch field.token {
    case .via: StoredHead.extend(&via, with: value)
    case .cacheStatus: StoredHead.extend(&cacheStatus, with: value)
    default: return
    }
  }

  /// Puts back what the caches before this one said.
  mutating func keepUpstream(via: [UInt8], cacheStatus: [UInt8]) {
    self.via = via
    self.cacheStatus = cacheStatus
  }

  /// A field that is listed as one viewer's own: its lines go to him alone.
  private mutating func withhold(_ field: Field, bytes: Span<UInt8>) {
    guard StoredField.isKept(field) || field.token == .setCookie else { return }
    withheld.append(contentsOf: bytes.slice(field.name))
    withheld += [UInt8(ascii: ":"), UInt8(ascii: " ")]
    withheld.append(contentsOf: bytes.slice(field.value))
    withheld += [13, 10]
  }

  /// Drops every line, and with them what they said.
  mutating func removeLines() {
    block = []
    lines = []
    lastModified = nil
  }

  /// Adds a field that the node itself states.
  public mutating func add(_ token: FieldName, _ value: String) {
    append(token, name: Array("\(token.text)".utf8).span, value: Array(value.utf8).span)
  }

  /// Writes the fields that answer a condition or a range without the whole representation.
  ///
  /// A 304 carries what a 200 would have, but for what describes a body (RFC 9110 section 15.4.5);
  /// 206 the same as 200; 412 and 416 nothing of the representation but its validators.
  public func write(for status: UInt16, into writer: inout HeadWriter) {
    if status == 206 { return writer.append(block.span) }
    for line in lines where StoredHead.belongs(line.token, to: status) {
      let end = line.value.end + 2
      writer.append(block.span.extracting(Int(line.name.start)..<end))
    }
  }

  /// Writes the fields of a 206, but for those named `token`.
  public func write(without token: FieldName, into writer: inout HeadWriter) {
    for line in lines where line.token != token {
      writer.append(block.span.extracting(Int(line.name.start)..<line.value.end + 2))
    }
  }

  private static func belongs(_ token: FieldName, to status: UInt16) -> Bool {
    switch token {
    case .contentType, .contentEncoding, .contentLanguage, .contentDisposition, .acceptRanges:
      false
    case .etag, .date, .vary, .accessControlAllowOrigin, .accessControlExposeHeaders,
      .accessControlAllowCredentials, .timingAllowOrigin:
      true
    default: status == 304
    }
  }

  mutating func append(_ token: FieldName, name: Span<UInt8>, value: Span<UInt8>) {
    let start = block.count
    block.append(contentsOf: name)
    block.append(UInt8(ascii: ":"))
    block.append(UInt8(ascii: " "))
    let valueStart = block.count
    block.append(contentsOf: value)
    lines.append(
      HeadLine(
        token: token, name: ByteRange(start: UInt16(start), count: UInt16(name.count)),
        value: ByteRange(start: UInt16(valueStart), count: UInt16(value.count))))
    block.append(13)
    block.append(10)
  }

  mutating func finish(received: WallTime) {
    let now = received.seconds
    if !cacheStatus.isEmpty, !StoredHead.isListOfCaches(cacheStatus.span) { cacheStatus = [] }
    if first(.date) == nil {
      var scratch = [UInt8](repeating: 0, count: 32)
      let count = unsafe scratch.withUnsafeMutableBytes { buffer in
        var writer = unsafe HeadWriter(buffer)
        writer.append(date: HTTPDate(seconds: now))
        return writer.count
      }
      append(.date, name: Array("Date".utf8).span, value: scratch.span.extracting(first: count))
    }
    if let range = first(.lastModified) {
      lastModified = HTTPDate(block.span.slice(range), now: now)
    }
    if let range = first(.date) { date = HTTPDate(block.span.slice(range), now: now) }
    exposeToScripts()
  }

  /// Whether each member names a cache by a string or token: RFC 9211 section 2.
  private static func isListOfCaches(_ value: Span<UInt8>) -> Bool {
    do throws(StructuredError) {
      return try StructuredField.list(value).allSatisfy { member in
        guard case .item(let item) = member else { return false }
        switch item.value {
        case .string, .token: return true
        case .integer, .decimal, .bytes, .boolean, .date, .displayString: return false
        }
      }
    } catch {
      return false
    }
  }

  private static func extend(_ list: inout [UInt8], with value: Span<UInt8>) {
    guard !value.isEmpty else { return }
    if !list.isEmpty { list += [UInt8(ascii: ","), UInt8(ascii: " ")] }
    list.append(contentsOf: value)
  }

  private static func isReplaced(
    _ line: HeadLine, in old: StoredHead, by head: borrowing ResponseHead, _ bytes: Span<UInt8>
  ) -> Bool {
    let name = old.block.span.slice(line.name)
    guard let index = head.fields.firstIndex(named: name, in: bytes) else { return false }
    return StoredField.isReplaced(by: head.fields[index])
  }
}

extension Array where Element == UInt8 {
  mutating func append(contentsOf span: Span<UInt8>) {
    reserveCapacity(count + span.count)
    for index in 0..<span.count { append(span[index]) }
  }
}
