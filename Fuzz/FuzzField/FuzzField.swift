import FuzzProperties

/// What libFuzzer calls with every input; the property is `FieldProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzField(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.field.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
