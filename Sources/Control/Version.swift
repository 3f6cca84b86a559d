/// Which Spillway this is.
public enum Version {
  /// The version, as in `CHANGELOG.md`.
  public static let text = "0.1.0"
}
