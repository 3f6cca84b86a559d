/// Why a load tool did not do what it was asked, for the person at the terminal.
public enum LoadError: Error, Equatable {
  /// The order makes no sense: exit code 2.
  case usage(String)
  /// The order was fine and could not be carried out: exit code 1.
  case failed(String)

  /// One line, without an end.
  public var message: String {
    switch self {
    case .usage(let text), .failed(let text): text
    }
  }
}
