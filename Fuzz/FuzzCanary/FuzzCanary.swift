/// Proves that the fuzzer sees and finds: dies at once when an input starts with `EDGE`.
@c(LLVMFuzzerTestOneInput)
public func fuzzCanary(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  guard let data, size >= 4 else { return 0 }
  let wanted: [4 of UInt8] = [0x45, 0x44, 0x47, 0x45]
  if data[0] == wanted[0] {
    if data[1] == wanted[1] {
      if data[2] == wanted[2] {
        precondition(data[3] != wanted[3], "the canary was found")
      }
    }
  }
  return 0
}
