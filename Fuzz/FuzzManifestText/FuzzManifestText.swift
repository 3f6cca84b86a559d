import FuzzProperties

/// What libFuzzer calls with every input; the property is `ManifestTextProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzManifestText(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.manifestText.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
