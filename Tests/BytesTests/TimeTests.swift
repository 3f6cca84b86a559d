import Bytes
import Testing

@Suite struct `Time` {
  @Test func `counts in milliseconds from instant to instant`() {
    let start = Instant(nanoseconds: 5_000_000)

    let later = start + Milliseconds(250)

    #expect(later - start == Milliseconds(250))
    #expect(start < later)
  }

  @Test func `rounds wall seconds down, also before 1970`() {
    #expect(WallTime(milliseconds: 1999).seconds == 1)
    #expect(WallTime(milliseconds: -1).seconds == -1)
  }
}
