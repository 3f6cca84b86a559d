/// The reference documentation of the configuration file, produced from the key table.
public enum ConfigurationReference {
  /// The whole of `Documentation/configuration.md`.
  public static func markdown() -> String {
    var text = """
      # The configuration file

      One TOML file configures a node: `/etc/spillway/spillway.toml`, or what `-c` names.
      Durations are strings (`"250ms"`, `"3s"`, `"5m"`, `"12h"`, `"1d"`), sizes too (`"64MiB"`,
      `"1GB"`). A key that this version does not know is an error, never ignored;
      `spillway check` prints every mistake with its line and what to write instead.
      `Config/spillway.toml` is a commented file to start from.

      This page is the output of `spillway check --reference`, made from the key table in
      `Sources/Control/Configuration`; a test keeps it up to date.

      """
    for key in ConfigurationKey.all where key.kind == .table || key.kind == .tables {
      text += "\n## \(heading(of: key))\n\n\(key.sentence)\(presence(of: key))\n\n"
      text += "| key | type | default | from | to | what it does |\n"
      text += "| --- | --- | --- | --- | --- | --- |\n"
      for member in ConfigurationKey.all where member.tablePath == key.path {
        text += row(of: member)
      }
    }
    text += "\n## Where rules depart from the RFCs\n\n"
    text += "Without a rule RFC 9111 holds; each of these puts something else in its place.\n\n"
    text += "| rule | in place of | what it breaks where it is wrong |\n| --- | --- | --- |\n"
    for deviation in RuleDeviation.all { text += deviation.row }
    return text
  }

  private static func heading(of key: ConfigurationKey) -> String {
    if key.path.hasSuffix("server[]") { return "`\(key.lastName) = [{ … }]` in `[[origin]]`" }
    return key.kind == .table ? "`[\(key.name)]`" : "`[[\(key.name)]]`"
  }

  private static func presence(of key: ConfigurationKey) -> String {
    switch key.fallback {
    case .required: " At least one is required."
    case .value, .computed: ""
    case .absent(let meaning): " If absent: \(meaning)."
    }
  }

  private static func row(of key: ConfigurationKey) -> String {
    let cells = [
      "`\(key.lastName)`", type(of: key.kind), fallback(of: key),
      key.minimum.map { "`\(key.kind.quoted($0))`" } ?? "",
      key.maximum.map { "`\(key.kind.quoted($0))`" } ?? "",
      key.sentence,
    ]
    return "| " + cells.joined(separator: " | ") + " |\n"
  }

  private static func type(of kind: ConfigurationKey.Kind) -> String {
    switch kind {
    case .table: "table"
    case .tables: "array of tables"
    case .text(let form): form.name
    case .texts(let form): "array: \(form.name) each"
    case .integer: "integer"
    case .integers: "array of integers"
    case .boolean: "boolean"
    case .duration: "duration"
    case .size: "size"
    case .choice(let words): words.map { "`\"\($0)\"`" }.joined(separator: ", ")
    case .words(let words):
      "array of " + words.map { "`\"\($0)\"`" }.joined(separator: ", ")
    case .query: "`\"all\"`, `\"none\"` or array of names"
    case .headers: "table of strings"
    }
  }

  private static func fallback(of key: ConfigurationKey) -> String {
    switch key.fallback {
    case .required: "*required*"
    case .value(let text): "`\(key.kind.quoted(text))`"
    case .computed(let words): words
    case .absent(let words): words
    }
  }
}
