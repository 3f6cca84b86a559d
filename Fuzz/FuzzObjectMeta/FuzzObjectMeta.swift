import FuzzProperties

/// What libFuzzer calls with every input; the property is `ObjectMetaProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzObjectMeta(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.objectMeta.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
