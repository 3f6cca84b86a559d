// swift-tools-version: 6.2
import PackageDescription

// Every target shares these settings; ARCHITECTURE.md, "Compiler settings", has the reasons.
let everywhere: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableExperimentalFeature("Lifetimes"),
  .unsafeFlags(["-Xcc", "-D_GNU_SOURCE", "-warnings-as-errors"]),
]
let hot: [SwiftSetting] =
  everywhere + [
    .strictMemorySafety(),
    .unsafeFlags(
      ["-cross-module-optimization", "-enforce-exclusivity=unchecked"],
      .when(configuration: .release)),
  ]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: hot)
}
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: everywhere)
}
func system(_ name: String) -> Target {
  .systemLibrary(name: name, path: "Sources/C/\(name.dropFirst())")
}

let package = Package(
  name: "spillway",
  // For Benchmarks/Micro, a package of its own.
  products: [
    .library(name: "SpillwayPolicy", targets: ["Bytes", "Wire", "Streams", "Policy"]),
    .library(name: "SpillwayStore", targets: ["Bytes", "Store"]),
    .library(
      name: "SpillwayCache", targets: ["Bytes", "Wire", "Streams", "Policy", "Store", "Cache"]),
  ],
  dependencies: [
    .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
  ],
  targets: [
    system("CLinux"),
    system("CXXHash"),
    system("CLibevent"),
    system("CLMDB"),
    system("CZlib"),
    module("Bytes", ["CLinux", "CXXHash"]),
    module("Telemetry", ["Bytes"]),
    module("Wire", ["Bytes"]),
    module("Streams", ["Bytes", "Wire"]),
    module("Policy", ["Bytes", "Wire", "Streams"]),
    module("Store", ["Bytes", "CLinux", "CLMDB"]),
    module("Loop", ["Bytes", "CLibevent", "CLinux"]),
    module("Cache", ["Bytes", "Wire", "Streams", "Policy", "Store"]),
    module("Origin", ["Bytes", "Telemetry", "Wire", "Policy", "Loop"]),
    module(
      "Delivery",
      [
        "Bytes", "Telemetry", "Wire", "Streams", "Policy", "Store", "Loop", "Cache", "Origin",
        "CZlib",
      ]),
    module(
      "Control",
      [
        "Bytes", "Telemetry", "Wire", "Streams", "Policy", "Store", "Loop", "Cache", "Origin",
        "Delivery", .product(name: "TOMLKit", package: "TOMLKit"),
      ]),
    module(
      "Load",
      [
        "Bytes", "Wire", "Streams", "Loop",
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ]),
    .target(
      name: "Demo", resources: [.embedInCode("Files")],
      swiftSettings: everywhere + [.strictMemorySafety()]),
    .executableTarget(
      name: "spillway",
      dependencies: [
        "Loop", "Control", "Demo", "Load",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: everywhere),
    .target(
      name: "TestKit",
      dependencies: [
        "Bytes", "Telemetry", "Streams", "Policy", "Store", "Loop", "Cache", "Origin", "Delivery",
      ],
      path: "Tests/TestKit",
      // The simulation moves every byte: optimised in debug builds too, for quick scenarios.
      swiftSettings: everywhere + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "CaseKit", dependencies: ["Bytes", "Policy", "Control"], path: "Tests/CaseKit",
      swiftSettings: everywhere),
    .target(
      name: "SimpleCache", dependencies: ["Bytes", "Streams"], path: "Tests/SimpleCache",
      // Tens of thousands of random heads in a second: optimised in debug builds too.
      swiftSettings: everywhere + [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .target(
      name: "FuzzProperties",
      dependencies: ["Bytes", "Wire", "Streams", "Policy", "Store", "Cache"],
      path: "Fuzz/Properties",
      swiftSettings: everywhere),
    tests("BytesTests", ["Bytes", "Loop"]),
    tests("CacheTests", ["Bytes", "Wire", "Policy", "Loop", "Cache"]),
    tests("FuzzReplayTests", ["FuzzProperties"]),
    tests(
      "NodeTests", ["Bytes", "CLinux", "Telemetry", "Policy", "Loop", "Cache", "Delivery"]),
    tests("StoreTests", ["Bytes", "CLinux", "Store"]),
    tests("LoopTests", ["Bytes", "Loop", "TestKit"]),
    tests("PlantedFaultTests", ["Bytes"]),
    tests("TelemetryTests", ["Bytes", "Telemetry"]),
    tests("WireTests", ["Bytes", "Wire"]),
    tests("StreamsTests", ["Bytes", "Streams"]),
    tests("PolicyTests", ["Bytes", "Wire", "Streams", "Policy", "SimpleCache", "CaseKit"]),
    tests(
      "DeliveryTests",
      [
        "Bytes", "Telemetry", "Wire", "Policy", "Store", "Loop", "Cache", "Origin", "Delivery",
        "TestKit", "CaseKit",
      ]),
    tests(
      "OriginTests",
      ["Bytes", "Telemetry", "Wire", "Streams", "Policy", "Loop", "Origin", "TestKit"]),
    tests(
      "ControlTests",
      [
        "Bytes", "CLinux", "Telemetry", "Wire", "Streams", "Policy", "Store", "Loop", "Cache",
        "Delivery", "Control", "spillway",
      ]),
    tests("LoadTests", ["Bytes", "Wire", "Loop", "Load"]),
    tests("TidyTests", []),
  ]
)

// An executable without a main breaks a plain build, and libFuzzer brings its own: with
// SPILLWAY_FUZZ the fuzz targets take the place of all that they do not need.
if Context.environment["SPILLWAY_FUZZ"] != nil {
  package.products = []
  package.targets.removeAll {
    ![
      "CLinux", "CXXHash", "CLMDB", "Bytes", "Wire", "Streams", "Policy", "Store", "Cache",
      "FuzzProperties",
    ].contains($0.name)
  }
  package.targets += [
    "FuzzBlockingReload", "FuzzCacheControl", "FuzzCanary", "FuzzChunked", "FuzzContainer",
    "FuzzField", "FuzzFragment", "FuzzIndexRecord", "FuzzManifest", "FuzzManifestText",
    "FuzzMediaPlaylist", "FuzzMultivariant", "FuzzObjectMeta", "FuzzPlaylist", "FuzzPlaylistText",
    "FuzzPresentation",
    "FuzzPurges", "FuzzRange", "FuzzRequestHead", "FuzzResponseHead", "FuzzSegmentSeries",
    "FuzzStreamRecord", "FuzzStructured", "FuzzURIRewrite",
  ].map {
    .executableTarget(
      name: $0, dependencies: ["FuzzProperties"], path: "Fuzz/\($0)",
      swiftSettings: everywhere + [.unsafeFlags(["-parse-as-library"])])
  }
}
