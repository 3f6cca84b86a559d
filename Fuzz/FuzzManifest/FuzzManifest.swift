import FuzzProperties

/// What libFuzzer calls with every input; the property is `ManifestProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzManifest(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.manifest.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
