// swift-tools-version: 6.2
import PackageDescription

/// Where the library of libFuzzer is, when the fuzzers are to be built (`make fuzz`): the sources that they try are
/// then instrumented, and there are no other products.
let fuzzer = Context.environment["NDX_FUZZER"]

let settings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
  ] + (fuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer", "-enable-testing"])])

typealias Dependencies = [Target.Dependency]
let nio: Dependencies = [
  .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let grdb: Dependencies = [.product(name: "GRDB", package: "GRDB.swift")]
let logging: Dependencies = [.product(name: "Logging", package: "swift-log")]
let lifecycle: Dependencies = [
  .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
  .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]
let configuration: Dependencies = [.product(name: "Configuration", package: "swift-configuration")]
let arguments: Dependencies = [.product(name: "ArgumentParser", package: "swift-argument-parser")]

/// A Swift target of ours: every one is built with the same settings.
func module(
  _ name: String, at path: String, excluding exclude: [String] = [], uses: Dependencies
) -> Target {
  .target(
    name: name, dependencies: uses, path: path, exclude: exclude, swiftSettings: settings)
}

/// The four targets of a service, the same for each: Domain, Store, API and the executable.
/// What a layer may import is what it depends on here; the official build refuses anything else.
/// `formats` are pure modules that all three layers share with the service's clients.
func service(_ name: String, calls: Dependencies = [], formats: Dependencies = []) -> [Target] {
  let path = "Services/\(name)"
  let domain = Target.Dependency(stringLiteral: "\(name)Domain")
  let store = Target.Dependency(stringLiteral: "\(name)Store")
  return [
    module("\(name)Domain", at: "\(path)/Domain", uses: ["Model", "Crypto"] + formats),
    module(
      "\(name)Store", at: "\(path)/Store",
      uses: [domain, "Model", "ServiceRuntime"] + formats + grdb),
    module(
      "\(name)API", at: "\(path)/API",
      uses: [domain, store, "Model", "Crypto", "Codec", "RPC", "Stubs", "ServiceRuntime"] + calls
        + formats + grdb + logging + lifecycle + configuration + arguments),
    .executableTarget(
      name: name.lowercased(),
      dependencies: [.target(name: "\(name)API"), "ServiceRuntime"] + arguments,
      path: "\(path)/Main", swiftSettings: settings),
  ]
}

func tests(
  _ name: String, at path: String? = nil, uses: Dependencies, excluding exclude: [String] = []
)
  -> Target
{
  .testTarget(
    name: name, dependencies: uses, path: path ?? "Tests/\(name)", exclude: exclude,
    swiftSettings: settings)
}

let systemLibraries: [Target] = [
  .systemLibrary(name: "CProtobufC", path: "Shared/Codec/CProtobufC", pkgConfig: "libprotobuf-c"),
  .systemLibrary(name: "COpenSSL", path: "Shared/Crypto/COpenSSL", pkgConfig: "openssl"),
  .systemLibrary(name: "CNGHTTP2", path: "Shared/RPC/CNGHTTP2", pkgConfig: "libnghttp2"),
  .systemLibrary(name: "CZlib", path: "Shared/RPC/CZlib", pkgConfig: "zlib"),
]

let shared: [Target] = [
  .target(name: "CMessages", dependencies: ["CProtobufC"], path: "Shared/Codec/CMessages"),
  module("Model", at: "Shared/Model", uses: []),
  module(
    "Codec", at: "Shared/Codec", excluding: ["CMessages", "CProtobufC"],
    uses: ["Model", "CMessages", "CProtobufC"]),
  module("Crypto", at: "Shared/Crypto", excluding: ["COpenSSL"], uses: ["COpenSSL", "Model"]),
  module("TransparencyLog", at: "Shared/Log", uses: ["Model", "Crypto"]),
  module(
    "RPC", at: "Shared/RPC", excluding: ["CNGHTTP2", "CZlib"],
    uses: ["Codec", "Model", "Crypto", "CNGHTTP2", "CZlib", "COpenSSL"] + nio + logging + [
      .product(name: "NIOHTTP1", package: "swift-nio")
    ]),
  module("Stubs", at: "Shared/Stubs", uses: ["Codec", "Model", "RPC"]),
  .target(
    name: "CDatabaseFiles", path: "Shared/Runtime/CDatabaseFiles",
    linkerSettings: [.linkedLibrary("sqlite3")]),
  module(
    "ServiceRuntime", at: "Shared/Runtime", excluding: ["CDatabaseFiles"],
    uses: [
      "CDatabaseFiles", "Model", "Codec", "Crypto", "TransparencyLog", "RPC", "Stubs",
      .product(name: "GRDBSQLite", package: "GRDB.swift"),
    ]
      + nio + grdb + logging + lifecycle + configuration + arguments),
  module(
    "Client", at: "Shared/Client",
    uses: ["Model", "Codec", "Crypto", "RPC", "Stubs", "TransparencyLog"] + logging),
  module(
    "TestSupport", at: "Shared/Testing", excluding: ["disk_fault.c"],
    uses: [
      "Model", "Codec", "Crypto", "RPC", "Stubs", "ServiceRuntime", "Client",
      .product(name: "GRDBSQLite", package: "GRDB.swift"),
    ] + nio + grdb + logging),
]

let services =
  service("Identity") + service("Catalog") + service("Settlement", formats: ["TransparencyLog"])
  + service("Audit", formats: ["TransparencyLog"])
  + service("Connector", calls: ["Client"])

let applications: [Target] = [
  module(
    "Witnessing", at: "Tools/Witness",
    uses: ["Model", "Crypto", "RPC", "TransparencyLog"] + logging),
  .executableTarget(
    name: "ndx",
    dependencies: [
      "Model", "Codec", "Crypto", "RPC", "Stubs", "Client", "TransparencyLog",
      "Witnessing",
    ] + arguments + logging,
    path: "Tools/ndx", exclude: ["README.md"], swiftSettings: settings),
]

/// What the fuzzers and the tests that replay their inputs reach into.
let fuzzed: Dependencies =
  [
    "Model", "Codec", "CProtobufC", "Crypto", "TransparencyLog", "RPC", "CNGHTTP2",
    "SettlementDomain",
  ] + nio + logging + [.product(name: "NIOEmbedded", package: "swift-nio")]

let testTargets: [Target] = [
  tests("ModelTests", uses: ["Model"]),
  .target(
    name: "CTestMessages", dependencies: ["CMessages", "CProtobufC"],
    path: "Tests/CodecTests/CTestMessages"),
  tests(
    "CodecTests", uses: ["Codec", "Model", "CMessages", "CTestMessages", "CProtobufC"],
    excluding: ["CTestMessages", "Protos", "Python"]),
  tests("CryptoTests", uses: ["Crypto", "Model"]),
  tests("LogTests", uses: ["TransparencyLog", "Crypto", "Model"]),
  tests(
    "RPCTests", uses: ["RPC", "Codec", "Model", "Crypto", "CNGHTTP2", "COpenSSL"] + nio + logging),
  tests(
    "RuntimeTests",
    uses: [
      "ServiceRuntime", "TestSupport", "TransparencyLog", "Model", "RPC", "Codec", "Crypto",
      "Stubs",
    ] + grdb + logging),
  tests(
    "IdentityTests",
    uses: [
      "IdentityDomain", "IdentityStore", "IdentityAPI", "TestSupport", "Model", "RPC", "Stubs",
      "Crypto", "ServiceRuntime", "Client",
    ] + grdb + logging),
  tests(
    "CatalogTests",
    uses: [
      "CatalogDomain", "CatalogStore", "CatalogAPI", "TestSupport", "Model", "RPC", "Stubs",
      "Crypto", "ServiceRuntime",
    ] + grdb + logging),
  tests(
    "SettlementTests",
    uses: [
      "SettlementDomain", "SettlementStore", "SettlementAPI", "ConnectorDomain", "ConnectorStore",
      "ConnectorAPI", "TransparencyLog", "TestSupport", "Model", "Codec", "RPC", "Stubs", "Crypto",
      "ServiceRuntime", "Client",
    ] + grdb + logging + lifecycle, excluding: ["Python"]),
  tests(
    "AuditTests",
    uses: [
      "AuditDomain", "AuditStore", "AuditAPI", "TransparencyLog", "TestSupport", "Model", "RPC",
      "Stubs", "Crypto", "ServiceRuntime", "Witnessing",
    ] + grdb + logging + lifecycle, excluding: ["Go", "Python"]),
  tests(
    "ConnectorTests",
    uses: [
      "ConnectorDomain", "ConnectorStore", "ConnectorAPI", "TestSupport", "Model", "Codec", "RPC",
      "Stubs", "Crypto", "ServiceRuntime", "Client",
    ] + grdb + logging + lifecycle),
  tests("ClientTests", uses: ["Client", "TransparencyLog", "Crypto", "Model"]),
  tests(
    "ExchangeTests",
    uses: [
      "TestSupport", "Model", "Codec", "RPC", "Stubs", "Crypto", "Client", "ServiceRuntime",
      "TransparencyLog",
    ] + grdb + logging, excluding: ["Python"]),
  tests(
    "InteropTests", uses: ["TestSupport", "Model", "Codec", "RPC", "Stubs", "Crypto"] + logging,
    excluding: ["Go", "Java", "Python"]),
  tests("TidyTests", uses: []),
  tests(
    "FuzzTests", at: "Fuzz", uses: fuzzed, excluding: ["Corpus", "Driver", "fuzz.py"]),
]

let package = Package(
  name: "ndx",
  dependencies: [
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
  ],
  targets: systemLibraries + shared + services + applications + testTargets
)

if let fuzzer {
  package.targets =
    systemLibraries + shared + services.filter { $0.name == "SettlementDomain" } + [
      .executableTarget(
        name: "fuzz", dependencies: fuzzed, path: "Fuzz", exclude: ["Corpus", "Replay", "fuzz.py"],
        swiftSettings: settings,
        linkerSettings: [.unsafeFlags([fuzzer]), .linkedLibrary("stdc++")])
    ]
}
