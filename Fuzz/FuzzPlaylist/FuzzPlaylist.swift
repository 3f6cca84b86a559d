import FuzzProperties

/// What libFuzzer calls with every input; the property is `PlaylistProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzPlaylist(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.playlist.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
