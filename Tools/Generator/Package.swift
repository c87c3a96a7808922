// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .treatAllWarnings(as: .error),
]
let protobuf: [Target.Dependency] = [
  .product(name: "SwiftProtobuf", package: "swift-protobuf"),
  .product(name: "SwiftProtobufPluginLibrary", package: "swift-protobuf"),
]

let package = Package(
  name: "Generator",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0")
  ],
  targets: [
    .executableTarget(
      name: "protoc-gen-ndx", dependencies: protobuf, path: "Sources/Generator",
      swiftSettings: settings),
    .testTarget(
      name: "GeneratorTests", dependencies: ["protoc-gen-ndx"] + protobuf,
      path: "Tests/GeneratorTests", swiftSettings: settings),
  ]
)
