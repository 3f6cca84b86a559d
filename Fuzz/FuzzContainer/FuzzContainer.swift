import FuzzProperties

/// What libFuzzer calls with every input; the property is `ContainerProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzContainer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.container.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
