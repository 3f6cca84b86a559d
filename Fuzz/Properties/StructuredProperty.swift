import Wire

/// Structured fields: what is read is written, and what is written is read as the same; the walk
/// over a targeted field's members and the whole parser agree on what is a dictionary.
enum StructuredProperty {
  static func check(_ bytes: [UInt8]) {
    guard let kind = bytes.first, bytes.count <= 8192 else { return }
    let text = Array(bytes.dropFirst())
    switch kind % 3 {
    case 0: checkItem(text)
    case 1: checkList(text)
    default: checkDictionary(text)
    }
  }

  private static func checkItem(_ text: [UInt8]) {
    guard let item = try? StructuredField.item(text.span) else { return }
    guard let again = try? StructuredField.write(item: item) else {
      preconditionFailure("what was read cannot be written")
    }
    precondition((try? StructuredField.item(again.span)) == item)
  }

  private static func checkList(_ text: [UInt8]) {
    guard let list = try? StructuredField.list(text.span) else { return }
    guard let again = try? StructuredField.write(list: list) else {
      preconditionFailure("what was read cannot be written")
    }
    precondition((try? StructuredField.list(again.span)) == list)
  }

  private static func checkDictionary(_ text: [UInt8]) {
    let dictionary = try? StructuredField.dictionary(text.span)
    let count = walk(text)
    guard let dictionary else {
      // The walk bounds no members, so it may go further; nothing else may it read.
      precondition(count == nil || count ?? 0 > 100)
      return
    }
    precondition(count ?? -1 >= dictionary.count, "the walk and the parser disagree")
    guard let again = try? StructuredField.write(dictionary: dictionary),
      let back = try? StructuredField.dictionary(again.span)
    else { preconditionFailure("what was read cannot be written and read again") }
    precondition(back.count == dictionary.count)
    for (left, right) in zip(back, dictionary) {
      precondition(left.key == right.key && left.member == right.member)
    }
  }

  private static func walk(_ text: [UInt8]) -> Int? {
    guard var directives = try? TargetedDirectives(text.span) else { return nil }
    var count = 0
    do throws(StructuredError) {
      while try directives.next(in: text.span) != nil { count += 1 }
    } catch {
      return nil
    }
    return count
  }
}
