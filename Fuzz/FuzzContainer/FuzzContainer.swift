import Streams

/// Cuts a body anywhere and compares: the verdict must not depend on how the bytes arrive.
///
/// The first byte of the input chooses the pieces; the rest is the body.
@c(LLVMFuzzerTestOneInput)
public func fuzzContainer(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let input = unsafe Span(_unsafeStart: start, count: count)
  guard count > 0 else { return 0 }
  let piece = 1 + Int(input[0]) % 67
  let body = input.extracting(1..<count)

  var whole = ContainerCheck()
  whole.feed(body)
  var cut = ContainerCheck()
  var index = 0
  while index < body.count {
    let end = min(index + piece, body.count)
    cut.feed(body.extracting(index..<end))
    index = end
  }

  precondition(whole.verdict == cut.verdict, "the verdict depends on the cuts")
  precondition(whole.isDecided == cut.isDecided, "the decision depends on the cuts")
  return 0
}
