/// A rule that departs from what the RFCs ask of a cache, and what it breaks.
struct RuleDeviation {
  /// What is written in `[[site.rule]]`.
  let setting: String
  /// What would hold without it, with its section.
  let standard: String
  /// What goes wrong where it is used wrongly.
  let breaks: String

  /// All of them; the reference page lists them.
  static let all: [RuleDeviation] = [
    RuleDeviation(
      setting: "ttl", standard: "the origin's lifetime (RFC 9111 4.2.1), `no-cache` (5.2.2.4)",
      breaks: "Viewers get what the origin already replaced, until it is purged."),
    RuleDeviation(
      setting: "stale", standard: "`must-revalidate`, `proxy-revalidate`, `s-maxage` (4.2.4)",
      breaks: "An answer that must never be old (prices, rights) is served old."),
    RuleDeviation(
      setting: "error_ttl", standard: "the lifetime that the error states (4.2.1)",
      breaks: "A repaired object stays broken, or a missing one is asked for again and again."),
    RuleDeviation(
      setting: "live = true", standard: "`no-cache` and `no-store` (5.2.2.4, 5.2.2.5)",
      breaks: "A playlist that differs by viewer without saying `private` reaches the wrong one."),
    RuleDeviation(
      setting: "query = \"none\" or names", standard: "the whole query is in the key (2)",
      breaks: "Objects that differ by an argument left out share one answer."),
    RuleDeviation(
      setting: "heuristic = false", standard: "a tenth of the time since Last-Modified (4.2.2)",
      breaks: "Nothing; objects without a lifetime are asked about each time."),
    RuleDeviation(
      setting: "request_directives = \"obey\"",
      standard: "none: section 5.2.1 lets a cache choose",
      breaks: "One reload button, or one script, reaches the origin as often as it likes."),
    RuleDeviation(
      setting: "ignore = [\"no-store\"]", standard: "`no-store` (5.2.2.5)",
      breaks: "What was never to be kept is kept, and served to others."),
    RuleDeviation(
      setting: "ignore = [\"no-cache\"]", standard: "`no-cache` (5.2.2.4)",
      breaks: "Viewers get an old version without the origin being asked."),
    RuleDeviation(
      setting: "ignore = [\"private\"]", standard: "`private` (5.2.2.7)",
      breaks: "What one viewer was sent reaches all others."),
    RuleDeviation(
      setting: "ignore = [\"set-cookie\"]",
      standard: "an answer that sets a cookie is not stored (ours; 7.3 would share the cookie)",
      breaks: "Stored without the cookie, so nobody gets it; a page made for a session is shared."),
    RuleDeviation(
      setting: "ignore = [\"vary\"]", standard: "Vary (4.1)",
      breaks: "Viewers get a language, coding or format that they did not ask for."),
    RuleDeviation(
      setting: "ignore = [\"must-revalidate\"]",
      standard: "`must-revalidate`, `proxy-revalidate`, `s-maxage` (4.2.4)",
      breaks: "Stale answers are served while the origin is dead, although it forbade that."),
    RuleDeviation(
      setting: "languages", standard: "the viewer's Accept-Language as it is (4.1)",
      breaks: "A language that is not listed is never served."),
    RuleDeviation(
      setting: "codings", standard: "the viewer's Accept-Encoding as it is (4.1)",
      breaks: "A coding that is not listed is never asked for."),
    RuleDeviation(
      setting: "bypass = true", standard: "none: a cache need not store (3)",
      breaks: "Nothing; every request reaches the origin."),
    RuleDeviation(
      setting: "request_fields = \"none\"", standard: "unknown fields go on (RFC 9110 5.1)",
      breaks: "The first answer that varies costs a second request; an origin misses a field."),
    RuleDeviation(
      setting: "request_fields = \"all\"", standard: "none: it is what 9110 5.1 asks for",
      breaks: "An origin that heeds a field without Vary lets one viewer colour what all get."),
    RuleDeviation(
      setting: "range = \"whole\"", standard: "none: a cache may ask for more (RFC 9110 14.2)",
      breaks: "A seek into a large film fetches all of it."),
    RuleDeviation(
      setting: "slice", standard: "none: a cache may ask for ranges (RFC 9111 3.4)",
      breaks: "An origin whose ETag changes without the bytes loses all slices each time."),
  ]

  /// Its line of the table.
  var row: String { "| `\(setting)` | \(standard) | \(breaks) |\n" }
}
