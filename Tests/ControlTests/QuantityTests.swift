import Bytes
import Testing

@testable import Control

@Suite struct `A quantity` {
  @Test(arguments: [
    ("0s", 0), ("250ms", 250), ("3s", 3000), ("5m", 300_000), ("12h", 43_200_000),
    ("1d", 86_400_000),
  ])
  func `reads a duration`(text: String, milliseconds: Int64) {
    #expect(Quantity.duration(text) == Milliseconds(milliseconds))
  }

  @Test(arguments: [
    ("0B", 0), ("1KB", 1000), ("1KiB", 1024), ("64MiB", 67_108_864), ("1GB", 1_000_000_000),
    ("1GiB", 1_073_741_824), ("2TiB", 2_199_023_255_552),
  ])
  func `reads a size`(text: String, bytes: Int) {
    #expect(Quantity.size(text) == bytes)
  }

  @Test(arguments: [
    "", "3", "s", "-3s", "+3s", "1.5s", "3 s", " 3s", "3sec", "3S", "99999999999999999999s",
    "9223372036854775807d", "٣s",
  ])
  func `refuses what is no duration`(text: String) {
    #expect(Quantity.duration(text) == nil)
  }

  @Test(arguments: ["", "64", "MiB", "-1MiB", "1.5GiB", "64 MiB", "64mib", "64M", "9999999TiB99"])
  func `refuses what is no size`(text: String) {
    #expect(Quantity.size(text) == nil)
  }

  @Test func `refuses a size that does not fit`() {
    #expect(Quantity.size("9223372036854775807TiB") == nil)
  }

  @Test(arguments: [(0, "0B"), (1000, "1000B"), (1024, "1KiB"), (67_108_864, "64MiB")])
  func `writes a size with its largest unit`(bytes: Int, text: String) {
    #expect(Quantity.text(bytes: bytes) == text)
  }
}
