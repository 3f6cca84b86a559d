import FuzzProperties

/// What libFuzzer calls with every input; the property is `MediaPlaylistProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzMediaPlaylist(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.mediaPlaylist.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
