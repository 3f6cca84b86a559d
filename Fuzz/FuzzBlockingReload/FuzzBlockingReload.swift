import FuzzProperties

/// What libFuzzer calls with every input; the property is `BlockingReloadProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzBlockingReload(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.blockingReload.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
