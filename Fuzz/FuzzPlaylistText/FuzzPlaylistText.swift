import FuzzProperties

/// What libFuzzer calls with every input; the property is `PlaylistTextProperty`.
@c(LLVMFuzzerTestOneInput)
public func fuzzPlaylistText(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzTarget.playlistText.check(Array(UnsafeBufferPointer(start: data, count: count)))
  return 0
}
