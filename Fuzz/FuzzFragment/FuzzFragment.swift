import FuzzProperties

/// What libFuzzer calls with every input; the property is `FragmentProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzFragment(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.fragment.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
