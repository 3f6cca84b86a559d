public import Wire

/// The compiled configuration: immutable, shared by all workers, replaced as a whole on reload.
///
/// An exchange keeps the snapshot that it was judged with. What every request reads (hosts, sites,
/// rules, patterns) lies in flat tables, so that looking at it neither allocates nor counts
/// references.
public final class Snapshot: Sendable {
  /// A site, compiled: plain numbers into the snapshot's tables.
  public struct Site: Sendable, Equatable {
    /// The index of its origin.
    public let origin: Int
    /// The viewer's host is part of its keys, because its origin is asked for it.
    public let hostInKey: Bool
    let rules: Range<Int>
    let name: Range<Int>
  }

  private let hosts: HostTable
  private let siteTable: [Site]
  private let ruleTable: [Rule]
  private let patternTable: [PathPattern]
  private let presentationTable: [PresentationPattern?]
  private let wordTable: [Range<Int>]
  private let text: [UInt8]
  private let originTable: [OriginSettings]
  private let siteNames: [String]
  private let matches: [String]
  private let name: [UInt8]
  private let cacheSettings: CacheSettings

  /// Compiles `settings`, or says what is wrong with them.
  public init(_ settings: NodeSettings) throws(SnapshotError) {
    try SettingsCheck.check(settings)
    var tables = Tables()
    for site in settings.sites {
      let host = settings.origins[site.origin].host
      try tables.add(site, hostInKey: host == .viewer)
    }
    hosts = try HostTable(settings.sites)
    siteTable = tables.sites
    ruleTable = tables.rules
    patternTable = tables.patterns
    presentationTable = tables.presentations
    wordTable = tables.words
    text = tables.text
    originTable = settings.origins
    siteNames = settings.sites.map(\.name)
    matches = settings.sites.flatMap { $0.rules.map(\.match) }
    name = Array(settings.name.utf8)
    cacheSettings = settings.cache
  }

  /// The site that answers for `host` (a Host field's value); `nil` is answered by 421.
  ///
  /// Any case, with or without port; exact hosts before the longest `*.suffix` before `*`.
  public func site(forHost host: Span<UInt8>) -> Int? { hosts.site(forHost: host) }

  /// How many sites there are.
  public var siteCount: Int { siteTable.count }

  /// The site at `index`.
  public func site(_ index: Int) -> Site { siteTable[index] }

  /// The name of the site at `index`, for logs and metrics.
  public func siteName(_ index: Int) -> String { siteNames[index] }

  /// The site of this name; for what is kept over restarts, where indices change.
  public func site(named name: String) -> Int? { siteNames.firstIndex(of: name) }

  /// The first rule of the site at `site` that matches `path`, or `Rule.none`.
  ///
  /// `path` is the request's, as sent, without the query.
  public func rule(site: Int, path: Span<UInt8>) -> Rule {
    for index in siteTable[site].rules {
      if patternTable[index].matches(path, table: text) { return ruleTable[index] }
    }
    return Rule.none
  }

  /// The `match` of the rule that `rule(site:path:)` gives; `nil` where none matches.
  public func ruleMatch(site: Int, path: Span<UInt8>) -> String? {
    for index in siteTable[site].rules {
      if patternTable[index].matches(path, table: text) { return matches[index] }
    }
    return nil
  }

  /// Where the name of the live presentation ends that a rule makes of a path; `nil` where the rule
  /// that decides names none.
  ///
  /// Not for hits. `path` is the request's, as sent, without the query.
  public func presentationEnd(site: Int, path: Span<UInt8>) -> Int? {
    let rule = siteTable[site].rules.first { patternTable[$0].matches(path, table: text) }
    return rule.flatMap { presentationTable[$0]?.end(in: path, table: text) }
  }

  /// All origins; sites name them by index.
  public var origins: [OriginSettings] { originTable }

  /// The bounds of the cache.
  public var cache: CacheSettings { cacheSettings }

  /// Writes the node's name as it is, for Via: `1.1 edge1`.
  public func appendNodeName(to writer: inout HeadWriter) {
    Snapshot.append(name, asItem: false, to: &writer)
  }

  /// Writes the node's name as an item of a structured field, for Cache-Status.
  func appendNodeItem(to writer: inout HeadWriter) {
    Snapshot.append(name, asItem: true, to: &writer)
  }

  private static func append(_ name: [UInt8], asItem: Bool, to writer: inout HeadWriter) {
    if asItem { writer.append(tokenOrQuoted: name.span) } else { writer.append(name.span) }
  }

  /// The node's name: a token.
  ///
  /// Not for hits: it counts a reference that all workers share; see `appendNodeName`.
  public var nodeName: [UInt8] { name }

  /// Appends the name of the site at `index` to a key text.
  func appendSiteName(_ index: Int, to output: inout [UInt8]) {
    Snapshot.append(siteTable[index].name, of: text, to: &output)
  }

  private static func append(_ range: Range<Int>, of text: [UInt8], to output: inout [UInt8]) {
    output.append(copying: text.span.extracting(range))
  }

  /// Whether the `index`-th argument name of all `query = [...]` lists is `name`.
  func queryName(_ index: Int, equals name: Span<UInt8>) -> Bool {
    let range = wordTable[index]
    guard range.count == name.count else { return false }
    for offset in name.indices where text[range.lowerBound + offset] != name[offset] {
      return false
    }
    return true
  }

  /// What a rule of this snapshot tells apart of what viewers accept.
  ///
  /// Not for hits: it makes the list of languages.
  public func negotiation(of rule: Rule) -> Negotiation {
    Negotiation(
      codings: rule.codings,
      languages: rule.languages.map { index in Array(text[wordTable[index]]) })
  }
}

/// The flat tables while they are built.
private struct Tables {
  var sites: [Snapshot.Site] = []
  var rules: [Rule] = []
  var patterns: [PathPattern] = []
  /// What rules name presentations by, in the order of the rules.
  var presentations: [PresentationPattern?] = []
  /// Names of query arguments, and languages: rules name them by index.
  var words: [Range<Int>] = []
  var text: [UInt8] = []

  mutating func add(_ site: SiteSettings, hostInKey: Bool) throws(SnapshotError) {
    let name = append(site.name)
    let firstRule = rules.count
    for rule in site.rules {
      let firstName = words.count
      if case .only(let names) = rule.query {
        for argument in names { words.append(append(argument)) }
      }
      let firstLanguage = words.count
      for language in rule.languages { words.append(append(language.lowercased())) }
      do {
        patterns.append(try PathPattern(rule.match, table: &text))
      } catch {
        throw .patternInvalid(site: site.name, match: rule.match, error)
      }
      presentations.append(try presentation(of: rule, site))
      rules.append(
        Rule(
          rule, queryNames: firstName..<firstLanguage,
          languages: firstLanguage..<words.count))
    }
    sites.append(
      Snapshot.Site(
        origin: site.origin, hostInKey: hostInKey, rules: firstRule..<rules.count, name: name))
  }

  private mutating func presentation(
    of rule: RuleSettings, _ site: SiteSettings
  ) throws(SnapshotError) -> PresentationPattern? {
    guard let pattern = rule.presentation else { return nil }
    do {
      return try PresentationPattern(pattern, table: &text)
    } catch {
      throw .patternInvalid(site: site.name, match: pattern, error)
    }
  }

  private mutating func append(_ string: String) -> Range<Int> {
    let start = text.count
    text += Array(string.utf8)
    return start..<text.count
  }
}
