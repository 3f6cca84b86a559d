internal import ArgumentParser
internal import Control

/// `spillway purge`: what was stored until now is not served any more.
struct Purge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Forget one URL, all below a path, or all that carries a tag.")

  @Argument(help: "The URL, as viewers ask for it.")
  var url: String?

  @Option(help: "A URL that ends in \"/\": all below it.")
  var prefix: String?

  @Option(help: "A surrogate key, as the origin sends it.")
  var tag: String?

  @OptionGroup var admin: AdminDoor

  /// The scope as key and value of the admin request.
  private var scope: (key: String, value: String)? {
    let given = [("url", url), ("prefix", prefix), ("tag", tag)].compactMap { key, value in
      value.map { (key: key, value: $0) }
    }
    return given.count == 1 ? given.first : nil
  }

  func validate() throws {
    guard let scope else {
      throw ValidationError("Name exactly one of URL, --prefix and --tag.")
    }
    do {
      switch scope.key {
      case "url": _ = try PurgeRequest(url: scope.value)
      case "prefix": _ = try PurgeRequest(prefix: scope.value)
      default: _ = try PurgeRequest(tag: scope.value)
      }
    } catch {
      throw ValidationError(error.message)
    }
  }

  func run() throws {
    guard let scope else { return }
    do {
      let answer = try AdminClient(socket: admin.socket).purge(scope.key, scope.value)
      Terminal.write(admin.json ? answer : "purged \(scope.key) \(scope.value)\n")
    } catch {
      throw admin.failed(error)
    }
  }
}
