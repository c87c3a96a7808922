import Testing

/// Who may import what (design/README.md, "Folders and modules"; ARCHITECTURE.md). The manifest says
/// it too and the official build enforces it; this test keeps the manifest honest.
@Suite struct ImportTests {
  static let system: Set<String> = ["Foundation", "Glibc", "Synchronization", "Dispatch"]
  static let shared: [String: Set<String>] = [
    "Shared/Model": [],
    "Shared/Codec": ["Model", "CMessages", "CProtobufC"],
    "Shared/Crypto": ["Model", "COpenSSL"],
    "Shared/Log": ["Model", "Crypto"],
    "Shared/RPC": [
      "Codec", "Model", "Crypto", "CNGHTTP2", "COpenSSL", "CZlib", "NIOCore", "NIOPosix",
      "NIOHTTP1", "Logging",
    ],
    "Shared/Stubs": ["Codec", "Model", "RPC"],
    "Shared/Client": [
      "Model", "Codec", "Crypto", "TransparencyLog", "RPC", "Stubs", "Logging",
    ],
  ]
  static let layers: [String: [String]] = [
    "Domain": ["Model", "Crypto", "TransparencyLog"],
    "Store": ["Model", "Crypto", "TransparencyLog", "GRDB", "ServiceRuntime"],
    "API": [
      "Model", "Crypto", "TransparencyLog", "Codec", "RPC", "Stubs", "ServiceRuntime", "Client",
      "GRDB", "Logging", "ServiceLifecycle", "Configuration", "ArgumentParser",
    ],
    "Main": ["ServiceRuntime", "ArgumentParser"],
  ]
  static let services = ["Identity", "Catalog", "Settlement", "Audit", "Connector"]

  @Test(arguments: shared.keys.sorted())
  func sharedModuleImportsOnlyWhatItMay(folder: String) throws {
    let allowed = Self.system.union(Self.shared[folder] ?? [])
    for file in try SourceTree.swiftFiles(in: [folder]) {
      #expect(file.imports.subtracting(allowed) == [], "\(file.path)")
    }
  }

  @Test(arguments: services, layers.keys.sorted())
  func layerImportsOnlyWhatItMay(service: String, layer: String) throws {
    let below = ["Domain": [], "Store": ["Domain"], "API": ["Domain", "Store"], "Main": ["API"]]
    let own = Set((below[layer] ?? []).map { service + $0 })
    let allowed = Self.system.union(Self.layers[layer] ?? []).union(own)
    let files = try SourceTree.swiftFiles(in: ["Services/\(service)/\(layer)"])
    #expect(!files.isEmpty)
    for file in files {
      #expect(file.imports.subtracting(allowed) == [], "\(file.path)")
    }
  }

  @Test func onlyStoresAndTheRuntimeSpeakSQL() throws {
    let statement = /\b(SELECT .* FROM|INSERT (OR \w+ )?INTO|UPDATE \w+ SET|DELETE FROM)\b/
    for file in try SourceTree.handWritten(in: ["Services", "Shared", "Tools"])
    where !file.path.contains("/Store/") && !file.path.hasPrefix("Shared/Runtime/")
      && !file.path.hasPrefix("Shared/Testing/")
    {
      for (number, line) in file.lines.enumerated() {
        #expect(try statement.firstMatch(in: line) == nil, "\(file.path):\(number + 1)")
      }
    }
  }
}
