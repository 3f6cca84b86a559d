import FuzzProperties

/// What libFuzzer calls with every input; the property is `StructuredProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzStructured(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.structured.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
