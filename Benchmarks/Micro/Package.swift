// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the node's does not depend on what measures it.
// As the root's targets: a head is only cheap to read when it is read inlined.
let asTheRoot: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .unsafeFlags(["-Xcc", "-D_GNU_SOURCE"]),
  .unsafeFlags(
    ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
    .when(configuration: .release)),
]

let package = Package(
  name: "micro",
  dependencies: [
    .package(name: "spillway", path: "../.."),
    // Without traits: its allocation counters need a preloaded library and read zero here.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .target(
      name: "Samples", dependencies: [.product(name: "SpillwayPolicy", package: "spillway")],
      path: "Samples", swiftSettings: asTheRoot),
    benchmarks("Decisions", of: "SpillwayPolicy"),
    benchmarks("Lookups", of: "SpillwayStore"),
    // What callgrind counts: Packaging/count-instructions.
    .executableTarget(
      name: "Counts",
      dependencies: ["Samples", .product(name: "SpillwayCache", package: "spillway")],
      path: "Counts", swiftSettings: asTheRoot),
    // Benchmarks/run starts it beside dd.
    .executableTarget(
      name: "Writes", dependencies: [.product(name: "SpillwayStore", package: "spillway")],
      path: "Writes", swiftSettings: asTheRoot),
  ]
)

func benchmarks(_ name: String, of product: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: [
      "Samples",
      .product(name: "Benchmark", package: "benchmark"),
      .product(name: product, package: "spillway"),
    ],
    path: "Benchmarks/\(name)",
    swiftSettings: asTheRoot,
    plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
}
