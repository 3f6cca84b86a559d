import FuzzProperties

/// What libFuzzer calls with every input; the property is `URIRewriteProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzURIRewrite(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.uriRewrite.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
