import Crypto
import Foundation
import Model
import RPC

/// The Python environment that `make venv` sets up at the top of the repository.
enum Python {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  private static let scripts = tests.appending(path: "Python")
  // Not standardised: that would follow the link to an interpreter outside the environment.
  private static let interpreter = tests.deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".venv/bin/python")

  static func start(
    _ script: String, _ arguments: [String], input: Pipe? = nil
  ) throws -> (process: Process, output: Pipe) {
    let process = Process()
    process.executableURL = interpreter
    process.arguments = [scripts.appending(path: script).path] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = input ?? FileHandle.nullDevice
    try process.run()
    return (process, output)
  }

  /// Runs a script to its end; returns its exit status and all that it printed.
  static func run(_ script: String, _ arguments: [String]) async throws -> (Int32, String) {
    let (process, output) = try start(script, arguments)
    let text = await offTheTaskPool { output.fileHandleForReading.readDataToEndOfFile() }
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: text, as: UTF8.self))
  }

  /// The first line that a running script prints.
  static func firstLine(of output: Pipe) async -> String {
    await offTheTaskPool {
      var line: [UInt8] = []
      while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0a {
        line.append(byte)
      }
      return String(decoding: line, as: UTF8.self)
    }
  }

  /// Reading a pipe blocks, which a task must not.
  private static func offTheTaskPool<Result: Sendable>(
    _ read: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: read()) }
    }
  }
}

/// A throw-away authority and the folder in which Python finds a certificate of it.
struct InteropAuthority {
  static let callerID = "spiffe://test.ndx/service/caller"
  static let serverID = "spiffe://test.ndx/service/echo"
  let root: CertificateAuthority

  init() throws {
    let now = WallClock.system.now()
    root = try CertificateAuthority.makeRoot(
      name: "interop", notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 3600))
  }

  func credentials(_ spiffeID: String) throws -> TLSCredentials {
    let (chain, key) = try issue(spiffeID)
    return TLSCredentials(
      certificateChainPEM: chain, privateKeyPEM: key, trustAnchorsPEM: root.certificate.pem)
  }

  /// Writes ca.pem, cert.pem and key.pem into a new folder.
  func folder(_ spiffeID: String) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let (chain, key) = try issue(spiffeID)
    for (name, text) in [("ca", root.certificate.pem), ("cert", chain), ("key", key)] {
      try Data(text.utf8).write(to: folder.appending(path: "\(name).pem"))
    }
    return folder
  }

  private func issue(_ spiffeID: String) throws -> (chain: String, key: String) {
    let now = WallClock.system.now()
    let key = try P256PrivateKey.generate()
    let leaf = try root.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: spiffeID, hosts: ["localhost", "127.0.0.1"],
      notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 3600))
    return (leaf.pem, try key.pem())
  }
}
