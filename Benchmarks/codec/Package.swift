// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that only this benchmark pays for swift-protobuf. `Generated` is what its plugin makes of
// our protos; `Benchmarks/codec/run` puts it there.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]
let swiftProtobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")

let package = Package(
  name: "codec-benchmark",
  dependencies: [.package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0")],
  targets: [
    .systemLibrary(
      name: "CProtobufC", path: "Shared/Codec/CProtobufC", pkgConfig: "libprotobuf-c"),
    .target(name: "CMessages", dependencies: ["CProtobufC"], path: "Shared/Codec/CMessages"),
    .target(name: "Model", path: "Shared/Model", swiftSettings: settings),
    .target(
      name: "Codec", dependencies: ["Model", "CMessages", "CProtobufC"], path: "Shared/Codec",
      exclude: ["CMessages", "CProtobufC"], swiftSettings: settings),
    .target(name: "Generated", dependencies: [swiftProtobuf], path: "Generated"),
    .target(name: "CAllocations", path: "allocations"),
    .executableTarget(
      name: "codec-benchmark",
      dependencies: ["Codec", "Model", "Generated", "CAllocations", swiftProtobuf], path: "program",
      swiftSettings: settings),
  ]
)
