import Testing
import Wire

/// A field of one line, what it is read as, and how it is written again.
private struct Row: Sendable, CustomTestStringConvertible {
  let section: String
  let text: String
  /// As it is written; `nil` where the field is to be ignored.
  let canonical: String?

  init(_ section: String, _ text: String, _ canonical: String?) {
    self.section = section
    self.text = text
    self.canonical = canonical
  }

  var testDescription: String { "RFC 9651 section \(section): \(text)" }
}

@Suite struct `A structured field` {
  private static let items: [Row] = [
    Row("4.2.4", "42", "42"), Row("4.2.4", "-0", "0"), Row("4.2.4", "007", "7"),
    Row("4.2.4", "999999999999999", "999999999999999"), Row("4.2.4", "1000000000000000", nil),
    Row("4.2.4", "-", nil), Row("4.2.4", "+1", nil), Row("4.2.4", "--1", nil),
    Row("4.2.4", "1.5", "1.5"), Row("4.2.4", "1.50", "1.5"), Row("4.2.4", "1.000", "1.0"),
    Row("4.2.4", "-0.001", "-0.001"), Row("4.2.4", "1.", nil), Row("4.2.4", ".5", nil),
    Row("4.2.4", "1.2345", nil), Row("4.2.4", "1.2.3", nil),
    Row("4.2.4", "999999999999.999", "999999999999.999"), Row("4.2.4", "1234567890123.0", nil),
    Row("4.2.5", "\"\"", "\"\""), Row("4.2.5", "\"a b\"", "\"a b\""),
    Row("4.2.5", "\"a\\\"b\\\\\"", "\"a\\\"b\\\\\""),
    Row("4.2.5", "\"a\\b\"", nil),
    Row("4.2.5", "\"a", nil), Row("4.2.5", "\"a\\", nil), Row("4.2.5", "\"\u{7f}\"", nil),
    Row("4.2.5", "\"\u{e9}\"", nil), Row("4.2.5", "'a'", nil),
    Row("4.2.6", "a:b/c*", "a:b/c*"), Row("4.2.6", "*x", "*x"), Row("4.2.6", "a b", nil),
    Row("4.2.6", "a(", nil), Row("4.2.7", ":aGVsbG8=:", ":aGVsbG8=:"),
    Row("4.2.7", ":aGVsbG8:", ":aGVsbG8=:"), Row("4.2.7", "::", "::"),
    Row("4.2.7", ":a=b=:", nil),
    Row("4.2.7", ":a:", nil), Row("4.2.7", ":aGVsbG8=", nil), Row("4.2.7", ":a b=:", nil),
    Row("4.2.8", "?1", "?1"), Row("4.2.8", "?0", "?0"), Row("4.2.8", "?", nil),
    Row("4.2.8", "?T", nil), Row("4.2.9", "@1659578233", "@1659578233"), Row("4.2.9", "@-5", "@-5"),
    Row("4.2.9", "@1.5", nil), Row("4.2.9", "@", nil),
    Row("4.2.10", "%\"f%c3%bc\"", "%\"f%c3%bc\""), Row("4.2.10", "%\"a%22\"", "%\"a%22\""),
    Row("4.2.10", "%\"%C3%BC\"", nil), Row("4.2.10", "%\"%ff\"", nil),
    Row("4.2.10", "%\"%f\"", nil),
    Row("4.2.10", "%a", nil), Row("4.2.3", "", nil), Row("4.2.3", "  1  ", "1"),
    Row("4.2.3", "\t1", nil), Row("4.2.3", "1, 2", nil),
    Row("4.2.3.2", "1;a;b=2;c=\"x\"", "1;a;b=2;c=\"x\""), Row("4.2.3.2", "1; a", "1;a"),
    Row("4.2.3.2", "1 ;a", nil), Row("4.2.3.2", "1;a=?1", "1;a"),
    Row("4.2.3.2", "1;a=1;a=2", "1;a=2"),
    Row("4.2.3.2", "1;A=1", nil), Row("4.2.3.2", "1;a=", nil), Row("4.2.3.2", "1;=1", nil),
  ]

  @Test(arguments: items) private func `that is an item is read strictly`(row: Row) {
    let again = written { bytes throws(StructuredError) in
      try StructuredField.write(item: StructuredField.item(bytes.span))
    }(row.text)

    #expect(again == row.canonical)
  }

  private static let lists: [Row] = [
    Row("4.2.1", "", ""), Row("4.2.1", "   ", ""), Row("4.2.1", "1,2", "1, 2"),
    Row("4.2.1", "1 \t,\t 2", "1, 2"), Row("4.2.1", "1,", nil), Row("4.2.1", ",1", nil),
    Row("4.2.1", "1,,2", nil), Row("4.2.1", "1 2", nil), Row("4.2.1", "1\t", nil),
    Row("4.2.1.2", "(1 2);a, ()", "(1 2);a, ()"), Row("4.2.1.2", "( 1  2 )", "(1 2)"),
    Row("4.2.1.2", "(1;a 2)", "(1;a 2)"), Row("4.2.1.2", "(1,2)", nil), Row("4.2.1.2", "(1", nil),
    Row("4.2.1.2", "(\"a\"\"b\")", nil), Row("4.2.1.2", "((1))", nil),
    Row("4.2.1.2", "(1\t2)", nil),
  ]

  @Test(arguments: lists) private func `that is a list is read strictly`(row: Row) {
    let again = written { bytes throws(StructuredError) in
      try StructuredField.write(list: StructuredField.list(bytes.span))
    }(row.text)

    #expect(again == row.canonical)
  }

  private static let dictionaries: [Row] = [
    Row("4.2.2", "", ""), Row("4.2.2", "a=1, b", "a=1, b"), Row("4.2.2", "a=?1;x", "a;x"),
    Row("4.2.2", "a=1,b=2,a=3", "a=3, b=2"), Row("4.2.2", "a=(1 2)", "a=(1 2)"),
    Row("4.2.2", "a =1", nil), Row("4.2.2", "a= 1", nil), Row("4.2.2", "A=1", nil),
    Row("4.2.2", "a=1,", nil), Row("4.2.2", "1=a", nil), Row("4.2.2", "a=", nil),
    Row("4.2.2", "*a=1, _b", nil), Row("4.2.2", "*a.b-c_1", "*a.b-c_1"),
  ]

  @Test(arguments: dictionaries) private func `that is a dictionary is read strictly`(row: Row) {
    let again = written { bytes throws(StructuredError) in
      try StructuredField.write(dictionary: StructuredField.dictionary(bytes.span))
    }(row.text)

    #expect(again == row.canonical)
  }

  @Test func `that is too large is refused, not trapped upon`() {
    let members = Array(String(repeating: "a,", count: 5000).utf8) + [UInt8(ascii: "a")]
    let long = [UInt8](repeating: UInt8(ascii: "a"), count: WireLimits.headMax + 1)

    #expect(throws: StructuredError.tooLarge) { try StructuredField.list(members.span) }
    #expect(throws: StructuredError.tooLarge) { try StructuredField.item(long.span) }
  }

  @Test func `is not written where a value has no form`() {
    let wrong: [StructuredValue] = [
      .integer(1_000_000_000_000_000), .decimal(thousandths: .min), .string([0x80]), .token([]),
      .token(Array("a b".utf8)), .displayString([0xFF]),
    ]

    for value in wrong {
      #expect(throws: StructuredError.self) {
        try StructuredField.write(item: StructuredItem(value))
      }
    }
  }

  private func written(
    _ again: @escaping ([UInt8]) throws(StructuredError) -> [UInt8]
  ) -> (String) -> String? {
    { text in
      do {
        return String(decoding: try again(Array(text.utf8)), as: UTF8.self)
      } catch {
        return nil
      }
    }
  }
}
