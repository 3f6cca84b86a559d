import FuzzProperties

/// What libFuzzer calls with every input; the property is `CacheControlProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzCacheControl(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.cacheControl.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
