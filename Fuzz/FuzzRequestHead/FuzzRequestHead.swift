import FuzzProperties

/// What libFuzzer calls with every input; the property is `RequestHeadProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzRequestHead(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.requestHead.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
