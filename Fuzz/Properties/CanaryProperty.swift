/// Proves that the fuzzer sees and finds: dies at once when an input starts with `EDGE`.
enum CanaryProperty {
  static func check(_ bytes: [UInt8]) {
    guard bytes.count >= 4 else { return }
    let wanted: [4 of UInt8] = [0x45, 0x44, 0x47, 0x45]
    if bytes[0] == wanted[0] {
      if bytes[1] == wanted[1] {
        if bytes[2] == wanted[2] {
          precondition(bytes[3] != wanted[3], "the canary was found")
        }
      }
    }
  }
}
