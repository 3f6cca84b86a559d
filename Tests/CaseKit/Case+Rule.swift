public import Control
public import Policy

extension Case {
  /// The rules of its site, read as a configuration is.
  public func settings() throws(ConfigurationFailure) -> [RuleSettings] {
    guard !rules.isEmpty else { return [] }
    let lines =
      [
        #"listen = [{ address = "0.0.0.0:80" }]"#, "[[origin]]", #"name = "o""#,
        #"server = [{ url = "http://o.test" }]"#, "[[site]]", #"hosts = ["*"]"#,
        #"origin = "o""#, "[[site.rule]]",
      ] + (rules.contains { $0.hasPrefix("match ") } ? [] : [#"match = "/**""#]) + rules
    return try Configuration.decode(lines.joined(separator: "\n")).sites[0].rules
  }
}
