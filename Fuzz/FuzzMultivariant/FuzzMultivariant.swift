import FuzzProperties

/// What libFuzzer calls with every input; the property is `MultivariantProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzMultivariant(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.multivariant.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
