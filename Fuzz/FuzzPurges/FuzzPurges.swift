import FuzzProperties

/// What libFuzzer calls with every input; the property is `PurgesProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzPurges(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.purges.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
