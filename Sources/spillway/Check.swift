internal import ArgumentParser
internal import Control

/// `spillway check`: validates the configuration.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Validate the configuration: every mistake with its line and what to write instead.")

  @OptionGroup var file: ConfigurationFile

  @Flag(help: "Print JSON.")
  var json = false

  @Flag(help: "Print the reference of all keys instead (Markdown).")
  var reference = false

  func run() throws {
    if reference {
      Terminal.write(ConfigurationReference.markdown())
      return
    }
    let verdict = ConfigurationVerdict(file: file.path)
    if json {
      Terminal.write(verdict.json)
    } else {
      Terminal.write(verdict.text, to: verdict.isSound ? .output : .error)
    }
    if !verdict.isSound { throw Spillway.wrongUsage }
  }
}
