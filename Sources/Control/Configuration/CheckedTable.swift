internal import Bytes
internal import Policy

/// A value that has the type, form and range that its key declares.
enum CheckedValue: Equatable {
  case text(String)
  case texts([String])
  case integer(Int)
  case integers([Int])
  case boolean(Bool)
  case duration(Milliseconds)
  case size(Int)
  case query(QueryKey)
  case headers([OriginHeader])
  case table(CheckedTable)
  case tables([CheckedTable])
}

/// A table of the configuration after its shape was checked, defaults filled in.
///
/// Where a value was wrong or missing, its accessor gives a harmless stand-in: the mistake has been
/// noted, and decoding goes on only to find further ones.
struct CheckedTable: Equatable {
  /// Where the table is.
  var path: ConfigurationPath
  /// The values by key.
  var values: [String: CheckedValue] = [:]
  /// The keys that stand in the file, also those with a wrong value.
  var written: Set<String> = []

  /// The text of `key`, or an empty one.
  func text(_ key: String) -> String { optionalText(key) ?? "" }

  /// The text of `key`, if it has one.
  func optionalText(_ key: String) -> String? {
    guard case .text(let text) = values[key] else { return nil }
    return text
  }

  /// The texts of `key`, or none.
  func texts(_ key: String) -> [String] {
    guard case .texts(let texts) = values[key] else { return [] }
    return texts
  }

  /// The number of `key`, or 0.
  func integer(_ key: String) -> Int {
    guard case .integer(let integer) = values[key] else { return 0 }
    return integer
  }

  /// The numbers of `key`, or none.
  func integers(_ key: String) -> [Int] {
    guard case .integers(let integers) = values[key] else { return [] }
    return integers
  }

  /// The truth of `key`, or `false`.
  func boolean(_ key: String) -> Bool { values[key] == .boolean(true) }

  /// The duration of `key`, or none.
  func duration(_ key: String) -> Milliseconds { optionalDuration(key) ?? .zero }

  /// The duration of `key`, if it has one.
  func optionalDuration(_ key: String) -> Milliseconds? {
    guard case .duration(let duration) = values[key] else { return nil }
    return duration
  }

  /// The bytes of `key`, if it has any.
  func optionalSize(_ key: String) -> Int? {
    guard case .size(let bytes) = values[key] else { return nil }
    return bytes
  }

  /// The query rule of `key`, or all arguments.
  func query(_ key: String) -> QueryKey {
    guard case .query(let query) = values[key] else { return .all }
    return query
  }

  /// The fields of `key`, or none.
  func headers(_ key: String) -> [OriginHeader] {
    guard case .headers(let headers) = values[key] else { return [] }
    return headers
  }

  /// The table at `key`; every declared table is there.
  func table(_ key: String) -> CheckedTable {
    guard case .table(let table) = values[key] else { return CheckedTable(path: path.key(key)) }
    return table
  }

  /// The tables at `key`, or none.
  func tables(_ key: String) -> [CheckedTable] {
    guard case .tables(let tables) = values[key] else { return [] }
    return tables
  }
}
