import FuzzProperties

/// What libFuzzer calls with every input; the property is `ChunkedProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzChunked(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.chunked.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
