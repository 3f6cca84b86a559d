import FuzzProperties

/// What libFuzzer calls with every input; the property is `SegmentSeriesProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzSegmentSeries(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.segmentSeries.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
