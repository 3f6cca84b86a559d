import FuzzProperties

/// What libFuzzer calls with every input; the property is `PresentationProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzPresentation(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.presentation.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
