// swift-tools-version: 6.2
import PackageDescription

// A package of its own over the same sources, so that the official build never pays for measuring.

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

typealias Dependencies = [Target.Dependency]
let nio: Dependencies = [
  .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let logging: Dependencies = [.product(name: "Logging", package: "swift-log")]

func module(
  _ name: String, at path: String, excluding exclude: [String] = [], uses: Dependencies
) -> Target {
  .target(
    name: name, dependencies: uses, path: path, exclude: exclude, swiftSettings: settings)
}

func program(_ name: String, at path: String, uses: Dependencies) -> Target {
  .executableTarget(name: name, dependencies: uses, path: path, swiftSettings: settings)
}

/// All of the folder but what gives callers their names, which the log needs.
let authentication = [
  "AccessError", "AccessRule", "AccessToken", "Authenticator", "KeySetView", "RevocationEntry",
  "RevocationFeed", "RevocationStep", "RevocationView", "StreamGuard", "TokenVerifier",
]

let shared: [Target] = [
  .systemLibrary(name: "CProtobufC", path: "Shared/Codec/CProtobufC", pkgConfig: "libprotobuf-c"),
  .systemLibrary(name: "COpenSSL", path: "Shared/Crypto/COpenSSL", pkgConfig: "openssl"),
  .systemLibrary(name: "CNGHTTP2", path: "Shared/RPC/CNGHTTP2", pkgConfig: "libnghttp2"),
  .systemLibrary(name: "CZlib", path: "Shared/RPC/CZlib", pkgConfig: "zlib"),
  .target(name: "CMessages", dependencies: ["CProtobufC"], path: "Shared/Codec/CMessages"),
  module("Model", at: "Shared/Model", uses: []),
  module(
    "Codec", at: "Shared/Codec", excluding: ["CMessages", "CProtobufC"],
    uses: ["Model", "CMessages", "CProtobufC"]),
  module("Crypto", at: "Shared/Crypto", excluding: ["COpenSSL"], uses: ["COpenSSL", "Model"]),
  module(
    "RPC", at: "Shared/RPC", excluding: ["CNGHTTP2", "CZlib"],
    uses: ["Codec", "Model", "Crypto", "CNGHTTP2", "CZlib", "COpenSSL"] + nio + logging),
  // The interceptors that every service runs, without the database that the rest of the runtime needs.
  module(
    "Observability", at: "Shared/Runtime",
    excluding: [
      "Application", "Configuration", "Credentials", "Database", "Limits.swift", "Lists", "Outbox",
      "Transactions", "Observability/JSONLogHandler.swift", "Observability/MetricsServer.swift",
    ] + authentication.map { "Authentication/\($0).swift" },
    uses: ["Model", "RPC"] + logging),
]

let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: shared + [
    program(
      "echo-server", at: "rpc/server",
      uses: ["RPC", "Codec", "Model", "Observability"] + nio + logging),
    program("echo-client", at: "rpc/client", uses: ["RPC", "Codec", "Model"] + nio),
  ]
)
