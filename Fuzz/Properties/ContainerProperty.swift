import Streams

/// Cuts a body anywhere and compares: the verdict must not depend on how the bytes arrive.
///
/// The first byte of the input chooses the pieces; the rest is the body.
enum ContainerProperty {
  static func check(_ bytes: [UInt8]) {
    let input = bytes.span
    guard bytes.count > 0 else { return }
    let piece = 1 + Int(input[0]) % 67
    let body = input.extracting(1..<bytes.count)

    var whole = ContainerCheck()
    whole.feed(body)
    var cut = ContainerCheck()
    var index = 0
    while index < body.count {
      let end = min(index + piece, body.count)
      cut.feed(body.extracting(index..<end))
      index = end
    }

    precondition(whole.verdict == cut.verdict, "the verdict depends on the cuts")
    precondition(whole.isDecided == cut.isDecided, "the decision depends on the cuts")
    precondition(whole.fragmentCount == cut.fragmentCount, "fragments depend on the cuts")
  }
}
