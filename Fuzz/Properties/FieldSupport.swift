import Wire

/// What `write` puts into a buffer.
func written(_ write: (inout HeadWriter) -> Void) -> [UInt8] {
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 512, alignment: 1)
  defer { buffer.deallocate() }
  var writer = HeadWriter(buffer)
  write(&writer)
  precondition(!writer.hasOverflowed)
  return Array(buffer[..<writer.count])
}

/// What `read` makes of a head with these lines of one field; `nil` where no head may have them.
func readField<Result>(
  _ name: String, _ lines: [[UInt8]], _ read: (borrowing HeadFields, Span<UInt8>) -> Result
) -> Result? {
  var bytes = Array("HTTP/1.1 200 OK\r\n".utf8)
  for line in lines { bytes += Array("\(name): ".utf8) + line + Array("\r\n".utf8) }
  bytes += Array("\r\n".utf8)
  var parser = ResponseHeadParser()
  var head = ResponseHead()
  do {
    guard try parser.parse(bytes.span, requestMethod: .get, into: &head) == bytes.count else {
      return nil
    }
  } catch {
    return nil
  }
  return read(head.fields, bytes.span)
}
