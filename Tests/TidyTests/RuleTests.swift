import Testing

@Suite struct `A rule of length` {
  @Test func `counts the lines of a function from its name to its closing brace`() {
    let body = String(repeating: "    work()\n", count: 59)
    let tree = Tree([
      "Sources/Bytes/Long.swift": "struct Long {\n  func run(\n    _ a: Int) {\n\(body)  }\n}\n",
      "Sources/Bytes/Short.swift": "struct Short {\n  func run() {\n\(body.dropLast(22))  }\n}\n",
    ])

    let findings = LengthRules.functions(tree)

    #expect(findings.map(\.path) == ["Sources/Bytes/Long.swift"])
    #expect(findings.first?.line == 2)
  }

  @Test func `is not fooled by braces in text, comments and names`() {
    let tree = Tree([
      "Sources/Bytes/A.swift": """
      func `opens {`() {
        let text = "{ \\" {"  // {
        /* { */
      }
      \(String(repeating: "let filler = 1\n", count: 80))
      """
    ])

    #expect(LengthRules.functions(tree).isEmpty)
  }

  @Test func `takes a requirement of a protocol for what it is`() {
    let filler = String(repeating: "let filler = 1\n", count: 80)
    let tree = Tree(["Sources/Bytes/P.swift": "protocol P {\n  func run() -> Int\n}\n\(filler)"])

    #expect(LengthRules.functions(tree).isEmpty)
  }

  @Test func `allows a hundred columns and four hundred lines, no more`() {
    let tree = Tree([
      "Sources/Bytes/Wide.swift": String(repeating: "x", count: 101) + "\n",
      "Sources/Bytes/Page.swift": String(repeating: "x", count: 100) + "\n",
      "Sources/Bytes/Tall.swift": String(repeating: "x\n", count: 401),
    ])

    #expect(LengthRules.lines(tree).map(\.path) == ["Sources/Bytes/Wide.swift"])
    #expect(LengthRules.files(tree).map(\.path) == ["Sources/Bytes/Tall.swift"])
  }

  @Test func `gives way to a reason`() {
    let wide = String(repeating: "x", count: 101)
    let tree = Tree([
      "Sources/Bytes/A.swift": "// Exception: the table is read sideways\n\(wide)\n",
      "Sources/Bytes/B.swift": "// Exception:\n\(wide)\n",
    ])

    #expect(LengthRules.lines(tree).map(\.path) == ["Sources/Bytes/B.swift"])
  }
}

@Suite struct `A rule of imports` {
  @Test func `lets a module look up, never down`() {
    let tree = Tree([
      "Sources/Wire/A.swift": "public import Bytes\n",
      "Sources/Bytes/A.swift": "internal import Wire\n",
    ])

    let findings = ImportRules.direction(tree)

    #expect(findings.map(\.path) == ["Sources/Bytes/A.swift"])
    #expect(findings.first?.message.contains("may not import Wire") == true)
  }

  @Test func `names the owner of a C library`() {
    let tree = Tree(["Sources/Cache/A.swift": "internal import CLibevent\n"])

    #expect(ImportRules.direction(tree).first?.message.contains("Loop") == true)
  }

  @Test func `keeps Foundation out of the hot modules`() {
    let tree = Tree([
      "Sources/Wire/A.swift": "import Foundation\n",
      "Sources/Control/A.swift": "import Foundation\n",
    ])

    #expect(ImportRules.direction(tree).map(\.path) == ["Sources/Wire/A.swift"])
  }

  @Test func `asks for a room in the house`() {
    let tree = Tree(["Sources/Attic/A.swift": "import Bytes\n"])

    #expect(ImportRules.direction(tree).first?.message.contains("House.swift") == true)
  }

  @Test func `finds the folder that no target builds`() {
    let tree = Tree([
      "Package.swift": "targets: [module(\"Bytes\", [])]\n",
      "Sources/Bytes/A.swift": "\n",
      "Sources/Lost/A.swift": "\n",
    ])

    #expect(ImportRules.targets(tree).map(\.path) == ["Sources/Lost"])
  }
}

@Suite struct `A rule of words` {
  @Test(
    arguments: [
      "func f(_ p: any Clock) {}", "Task { await f() }", "DispatchQueue.main", "try! f()",
      "try? f()", "print(1)", "fatalError(\"no\")",
    ]) func `finds what is banned on the hot path`(line: String)
  {
    let tree = Tree(["Sources/Wire/A.swift": "\(line)\n"])

    #expect(WordRules.banned(tree).first?.line == 1)
  }

  @Test(
    arguments: [
      "// any viewer may print(this)", "let text = \"try! any Task {\"", "let company = 1",
      "if any && all {",
      "footprint(1)", "let asynchronous = 1",
    ]) func `leaves comments, texts and longer words alone`(line: String)
  {
    let tree = Tree(["Sources/Wire/A.swift": "\(line)\n"])

    #expect(WordRules.banned(tree).isEmpty)
  }

  @Test func `lets the command line print, but never crash`() {
    let tree = Tree(["Sources/spillway/A.swift": "print(1)\nfatalError(\"no\")\n"])

    #expect(WordRules.banned(tree).map(\.line) == [2])
  }

  @Test func `asks why where safety is asserted by hand`() {
    let tree = Tree([
      "Sources/Loop/A.swift": "final class A: @unchecked Sendable {}\n",
      "Sources/Loop/B.swift":
        "// Exception: its pointer never moves\nfinal class B: @unchecked Sendable {}\n",
    ])

    #expect(WordRules.reasons(tree).map(\.path) == ["Sources/Loop/A.swift"])
  }

  @Test func `refuses names that say nothing`() {
    let tree = Tree([
      "Sources/Loop/SocketManager.swift": "\n", "Sources/Loop/Worker+Helpers.swift": "\n",
      "Sources/Loop/Worker+Accepting.swift": "\n",
    ])

    #expect(WordRules.names(tree).count == 2)
  }
}

@Suite struct `A rule of the tree` {
  @Test func `wants an issue behind every marker`() {
    let marker = "TO" + "DO"
    let tree = Tree([
      "Sources/Bytes/A.swift": "// \(marker): later\n// \(marker)(#12): later\n"
    ])

    #expect(TreeRules.markers(tree).map(\.line) == [1])
  }

  @Test func `finds paths of one machine in any text`() {
    let tree = Tree(["README.md": "Fine.\nSee /wo" + "rk/x.\n"])

    #expect(TreeRules.privatePaths(tree).map(\.line) == [2])
  }

  @Test func `wants a sentence at the head of a script`() {
    let tree = Tree([
      "Tests/System/a.vtc": "# A hit is served from memory.\nvarnishtest \"a\"\n",
      "Tests/System/b.vtc": "varnishtest \"b\"\n",
    ])

    #expect(TreeRules.scripts(tree).map(\.path) == ["Tests/System/b.vtc"])
  }

  @Test func `wants every metric in the operators' list, and none besides`() {
    let tree = Tree([
      "Sources/Telemetry/MetricTable.swift": "one(\"spillway_a_total\")\none(\"spillway_b\")\n",
      "Documentation/metrics.md": "| `spillway_a_total` | A. |\n| `spillway_c` | C. |\n",
    ])

    let findings = TreeRules.metrics(tree)

    #expect(findings.map(\.line) == [2, 2])
    #expect(findings.map(\.path).first == "Sources/Telemetry/MetricTable.swift")
  }

  @Test func `wants a corpus beside a fuzz target`() {
    let entry = "@c(LLVMFuzzerTestOneInput)\n"
    let tree = Tree([
      "Fuzz/FuzzHead/Head.swift": entry, "Fuzz/FuzzRange/Range.swift": entry,
      "Fuzz/Corpus/FuzzHead/plain": "GET / HTTP/1.1\r\n\r\n",
    ])

    #expect(TreeRules.corpora(tree).map(\.path) == ["Fuzz/FuzzRange"])
  }
}
