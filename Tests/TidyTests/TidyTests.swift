import Testing

/// The tree as it lies on disk; read once for all rules.
private let tree = Tree(root: House.root)

@Suite struct `The tree` {
  @Test func `has no file longer than a reader's patience`() {
    expectNone(LengthRules.files(tree))
  }

  @Test func `has no line wider than the page`() {
    expectNone(LengthRules.lines(tree))
  }

  @Test func `has no function that does more than one thing at length`() {
    expectNone(LengthRules.functions(tree))
  }

  @Test func `imports only upwards, and each C library through its owner`() {
    expectNone(ImportRules.direction(tree))
  }

  @Test func `has no Swift file outside a target`() {
    expectNone(ImportRules.targets(tree))
  }

  @Test func `writes no banned word`() {
    expectNone(WordRules.banned(tree))
  }

  @Test func `gives a reason where it asks the compiler to look away`() {
    expectNone(WordRules.reasons(tree))
  }

  @Test func `names files after what is in them`() {
    expectNone(WordRules.names(tree))
  }

  @Test func `leaves no marker without an issue`() {
    expectNone(TreeRules.markers(tree))
  }

  @Test func `names no folder of one machine`() {
    expectNone(TreeRules.privatePaths(tree))
  }

  @Test func `says in a sentence what each script shows`() {
    expectNone(TreeRules.scripts(tree))
  }

  @Test func `has a corpus for every fuzz target`() {
    expectNone(TreeRules.corpora(tree))
  }

  @Test func `tells operators every metric`() {
    expectNone(TreeRules.metrics(tree))
  }

  private func expectNone(_ findings: [Finding]) {
    for finding in findings { Issue.record("\(finding)") }
  }
}
