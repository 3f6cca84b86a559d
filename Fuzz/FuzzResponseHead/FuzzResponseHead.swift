import FuzzProperties

/// What libFuzzer calls with every input; the property is `ResponseHeadProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzResponseHead(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.responseHead.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
