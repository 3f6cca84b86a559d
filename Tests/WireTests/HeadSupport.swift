import Wire

/// Bytes of a text in which every line ends with LF alone, turned into CRLF.
func crlf(_ text: String) -> [UInt8] {
  var bytes: [UInt8] = []
  for byte in text.utf8 {
    if byte == 0x0A { bytes.append(0x0D) }
    bytes.append(byte)
  }
  return bytes
}

/// The bytes of a text as they are.
func raw(_ text: String) -> [UInt8] { Array(text.utf8) }

/// What a parsed request head says, as text.
struct RequestFacts: Equatable {
  var method = ""
  var form = Target.Form.origin
  var path = ""
  var query: String?
  var host = ""
  var hostName = ""
  var port: UInt16?
  var minorVersion: UInt8 = 1
  var keepAlive = true
  var expectsContinue = false
  var framing = BodyFraming.none
  var fields: [String] = []
  var endToEnd: [String] = []
  var used = 0
}

extension Array where Element == UInt8 {
  func text(_ range: ByteRange) -> String {
    String(decoding: self[Int(range.start)..<range.end], as: UTF8.self)
  }
}

/// Parses a whole head; `nil` where it is incomplete.
func parseRequest(_ bytes: [UInt8]) throws(HeadError) -> RequestFacts? {
  var parser = RequestHeadParser()
  return try parseRequest(bytes, with: &parser)
}

func parseRequest(
  _ bytes: [UInt8], with parser: inout RequestHeadParser
) throws(HeadError) -> RequestFacts? {
  var head = RequestHead()
  guard let used = try parser.parse(bytes.span, into: &head) else { return nil }
  var facts = RequestFacts()
  facts.method = bytes.text(head.methodText)
  facts.form = head.target.form
  facts.path = bytes.text(head.target.path)
  facts.query = head.target.hasQuery ? bytes.text(head.target.query) : nil
  facts.host = bytes.text(head.target.host)
  facts.hostName = bytes.text(head.target.hostName)
  facts.port = head.target.port
  facts.minorVersion = head.minorVersion
  facts.keepAlive = head.keepAlive
  facts.expectsContinue = head.expectsContinue
  facts.framing = head.framing
  for index in 0..<head.fields.count {
    let field = head.fields[index]
    facts.fields.append("\(bytes.text(field.name))=\(bytes.text(field.value))")
    if !field.isHopByHop { facts.endToEnd.append(bytes.text(field.name)) }
  }
  facts.used = used
  return facts
}

/// Parses a head that arrives in two pieces, or byte by byte where `split` is `nil`.
func parseRequest(_ bytes: [UInt8], split: Int?) throws(HeadError) -> RequestFacts? {
  var parser = RequestHeadParser()
  if let split {
    if let early = try parseRequest(Array(bytes[..<split]), with: &parser) { return early }
    return try parseRequest(bytes, with: &parser)
  }
  for end in 0...bytes.count {
    if let facts = try parseRequest(Array(bytes[..<end]), with: &parser) { return facts }
  }
  return nil
}

/// What a parsed response head says, as text.
struct ResponseFacts: Equatable {
  var status: UInt16 = 0
  var reason = ""
  var keepAlive = true
  var framing = BodyFraming.none
  var used = 0
}

func parseResponse(
  _ bytes: [UInt8], to method: Wire.Method = .get
) throws(HeadError) -> ResponseFacts? {
  var parser = ResponseHeadParser()
  var head = ResponseHead()
  guard let used = try parser.parse(bytes.span, requestMethod: method, into: &head) else {
    return nil
  }
  return ResponseFacts(
    status: head.status, reason: bytes.text(head.reason), keepAlive: head.keepAlive,
    framing: head.framing, used: used)
}

/// What `write` puts into a buffer of `capacity` bytes, or `nil` where it did not fit.
func written(capacity: Int = 4096, _ write: (inout HeadWriter) -> Void) -> String? {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
  defer { buffer.deallocate() }
  var writer = HeadWriter(buffer)
  write(&writer)
  guard !writer.hasOverflowed else { return nil }
  return String(decoding: buffer[..<writer.count], as: UTF8.self)
}
