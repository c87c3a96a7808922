import Foundation

/// The languages that Examples/clients has a client in.
package enum ClientLanguage: String, Sendable {
  case python, go, java

  /// Whether the Debian packages are there that its `build.sh` needs; Python's come with `make venv`.
  package var isInstalled: Bool {
    let needed =
      switch self {
      case .python: [String]()
      case .go:
        [
          "/usr/bin/go", "/usr/bin/protoc", "/usr/bin/protoc-gen-go", "/usr/bin/protoc-gen-go-grpc",
          "/usr/share/gocode/src/google.golang.org/grpc",
          "/usr/share/gocode/src/google.golang.org/protobuf",
        ]
      case .java:
        [
          "/usr/bin/javac", "/usr/bin/protoc", "/usr/bin/grpc_java_plugin",
          "/usr/share/java/grpc-netty.jar", "/usr/share/java/netty-handler.jar",
          "/usr/share/java/netty-tcnative.jar", "/usr/share/java/perfmark-api.jar",
          "/usr/share/java/gson.jar", "/usr/share/java/guava.jar", "/usr/share/java/protobuf.jar",
        ]
      }
    return needed.allSatisfy { FileManager.default.fileExists(atPath: $0) }
  }
}
