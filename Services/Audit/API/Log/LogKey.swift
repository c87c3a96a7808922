import AuditStore
import Crypto
import Foundation
import ServiceRuntime
import TransparencyLog

/// The file with the log's private key. Whoever reads it can speak for the log.
struct LogKey {
  private let path: String
  private let origin: String

  /// Throws when the origin cannot name a key.
  init(_ configuration: ServiceConfiguration) throws(StartupError) {
    path = configuration.string("log-key-file") ?? configuration.path("log.key")
    origin = try configuration.required("log-origin")
    guard VerifierKey.isValid(name: origin) else {
      throw StartupError(
        .configuration, "log-origin must not be empty or hold spaces or plus signs: \(origin)")
    }
  }

  /// The key in the file. It is made when neither key nor checkpoints exist; a log that has signed
  /// before cannot go on with another key.
  func signer(for database: ServiceDatabase) async throws -> NoteSigner {
    guard !FileManager.default.fileExists(atPath: path) else { return try read() }
    guard try await database.read({ try CheckpointTable($0).latest() }) == nil else {
      throw StartupError(
        .missingInput, "\(path) is missing: the log was signed with the key in that file")
    }
    do {
      try KeyFile.write(Ed25519PrivateKey.generate().pem(), to: path)
    } catch let error as CryptoError {
      throw StartupError(.cannotWrite, "\(error)")
    }
    return try read()
  }

  private func read() throws -> NoteSigner {
    let text: String
    do {
      text = try KeyFile.readText(path)
    } catch let error as CryptoError {
      throw StartupError(.insecureFile, "\(error)")
    }
    do {
      return try NoteSigner(name: origin, key: Ed25519PrivateKey(pem: text))
    } catch {
      throw StartupError(.badData, "\(path) does not hold an Ed25519 private key")
    }
  }
}
