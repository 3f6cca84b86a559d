public import Wire

/// The fields that `private="..."` and `no-cache="..."` keep out of what is stored: RFC 9111
/// sections 5.2.2.4 and 5.2.2.7.
///
/// They are for the viewer whose request caused the answer, and for nobody else.
public struct WithheldFields: Sendable, Equatable {
  /// The field that lists them; `nil` where none is listed.
  private let token: FieldName?

  /// Nothing is withheld.
  public static let none = WithheldFields(token: nil)

  private init(token: FieldName?) {
    self.token = token
  }

  /// Looks what an answer withholds under a rule.
  public static func of(
    _ head: borrowing ResponseHead, bytes: Span<UInt8>, rule: Rule
  ) -> WithheldFields {
    let answer = AnswerControl.read(head.fields, bytes: bytes, ignoring: rule.ignores)
    let lists = answer.control.has(.privateFields) || answer.control.has(.noCacheFields)
    return lists ? WithheldFields(token: answer.token) : .none
  }

  /// Whether a field of this lower-case name is withheld; `head` is the answer that lists it.
  func contains(
    _ name: StaticString, of head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    anyListed(of: head, bytes: bytes) { $0.equalsIgnoringCase(name) }
  }

  /// Whether a field of this name is withheld; `head` is the answer that lists it.
  public func contains(
    _ name: Span<UInt8>, of head: borrowing ResponseHead, bytes: Span<UInt8>
  ) -> Bool {
    guard token != nil else { return false }
    return anyListed(of: head, bytes: bytes) { $0.equalsIgnoringCase(name) }
  }

  private func anyListed(
    of head: borrowing ResponseHead, bytes: Span<UInt8>, _ isWanted: (Span<UInt8>) -> Bool
  ) -> Bool {
    guard let token else { return false }
    var line = head.fields.firstIndex(of: token)
    while let index = line {
      if token == .cacheControl {
        var names = ListedFields(head.fields[index].value)
        while let listed = names.next(in: bytes) {
          if isWanted(bytes.slice(listed)) { return true }
        }
      } else if anyTargeted(bytes.slice(head.fields[index].value), isWanted) {
        return true
      }
      line = head.fields.nextIndex(of: token, after: index)
    }
    return false
  }

  /// The same in one line of a targeted field, whose lists are strings: RFC 9213 section 2.1.
  private func anyTargeted(_ line: Span<UInt8>, _ isWanted: (Span<UInt8>) -> Bool) -> Bool {
    do throws(StructuredError) {
      var directives = try TargetedDirectives(line)
      while let directive = try directives.next(in: line) {
        let name = line.slice(directive.name)
        guard name.equals("private") || name.equals("no-cache"),
          case .string(let list) = directive.value
        else { continue }
        var names = ListedFields(list: list, in: line)
        while let listed = names.next(in: line) {
          if isWanted(line.slice(listed)) { return true }
        }
      }
    } catch {
      return false  // Such a field is not the one that speaks: see `AnswerControl`.
    }
    return false
  }
}
