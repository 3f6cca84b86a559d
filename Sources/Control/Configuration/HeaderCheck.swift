internal import Policy

/// Checks `headers = { Name = "value", Other = "file:/path" }` and reads the files.
enum HeaderCheck {
  /// The longest value; it stands in every request to the origin.
  static let valueBytesMax = 4096
  /// What marks a value that is read from a file.
  private static let fileMark = "file:"

  /// The fields in the order of their names, or `nil` when one was wrong.
  static func check(
    _ entries: [String: TOMLNode], at path: ConfigurationPath, _ shape: inout ShapeCheck
  ) -> [OriginHeader]? {
    var headers: [OriginHeader] = []
    var seen: Set<String> = []
    for name in entries.keys.sorted() {
      let place = path.key(name)
      guard HeaderName.isToken(name) else {
        shape.note(place, "is no name of an HTTP field; write letters, digits and '-'")
        continue
      }
      guard !HeaderName.own.contains(name.lowercased()) else {
        shape.note(
          place,
          name.lowercased() == "host"
            ? "is set by `origin.host`; remove it here"
            : "is written by Spillway itself; remove it")
        continue
      }
      guard seen.insert(name.lowercased()).inserted else {
        shape.note(place, "is set twice, in different case; remove one")
        continue
      }
      guard case .string(let text) = entries[name] else {
        shape.note(place, "must be a string")
        continue
      }
      if let value = value(text, at: place, &shape) {
        headers.append(OriginHeader(name: name, value: value))
      }
    }
    return headers.count == entries.count ? headers : nil
  }

  private static func value(
    _ text: String, at path: ConfigurationPath, _ shape: inout ShapeCheck
  ) -> String? {
    var value = text
    if text.hasPrefix(fileMark) {
      let file = String(text.dropFirst(fileMark.count))
      do {
        value = try TextFile.read(file, bytesMax: valueBytesMax)
      } catch {
        shape.note(path, "names the file \(file), which cannot be read: \(error.reason)")
        return nil
      }
      while value.last?.isNewline == true { value.removeLast() }
    }
    let sound =
      !value.isEmpty && value.utf8.count <= valueBytesMax
      && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
      && value.first != " " && value.last != " "
    guard sound else {
      shape.note(
        path,
        "must have a value of 1 to \(valueBytesMax) bytes on one line, without control characters")
      return nil
    }
    return value
  }
}
