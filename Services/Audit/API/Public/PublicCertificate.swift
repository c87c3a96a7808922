import Crypto
import Foundation
import Logging
import RPC
import ServiceRuntime
import Synchronization

/// A certificate for the public listener's own DNS name, from whomever browsers and other people's monitors believe, in
/// two files that an operator (or an ACME client) replaces when it is renewed.
final class PublicCertificate: Sendable {
  static let settings = [
    Setting(
      "public-certificate-file",
      help: "Certificate chain of the public listener (PEM, leaf first); default the service's own."
    ),
    Setting(
      "public-key-file", help: "Private key of public-certificate-file (PEM, PKCS#8), mode 0600."),
  ]
  /// From one look at the files to the next.
  private static let interval = Duration.seconds(10)

  private struct Files: Equatable {
    let chain: String
    let key: String
  }

  let tls: TLSContextStore
  private let certificateFile: String
  private let keyFile: String
  private let logger: Logger
  /// What the files held when they were looked at last.
  private let seen: Mutex<Files>

  /// Nil when the settings name none. Throws when they name one of two files, or files that do not serve.
  init?(_ configuration: ServiceConfiguration, logger: Logger) throws(StartupError) {
    let (certificate, key) = (
      configuration.string("public-certificate-file"), configuration.string("public-key-file")
    )
    if certificate == nil, key == nil { return nil }
    guard let certificate, let key else {
      throw StartupError(
        .configuration, "public-certificate-file and public-key-file are given together")
    }
    certificateFile = certificate
    keyFile = key
    self.logger = logger
    do {
      let files = try Self.read(certificate, key)
      tls = try TLSContextStore(Self.credentials(files))
      seen = Mutex(files)
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.badData, "\(certificate) and \(key) cannot be used: \(error)")
    }
  }

  /// Takes over what the files hold whenever they have changed, until it is cancelled.
  func follow() async {
    while (try? await Task.sleep(for: Self.interval)) != nil { takeOverChanges() }
  }

  /// New connections are shown the new certificate. Files that cannot be used change nothing, and are told of once.
  func takeOverChanges() {
    do {
      let files = try Self.read(certificateFile, keyFile)
      let isNew = seen.withLock { seen in
        defer { seen = files }
        return seen != files
      }
      guard isNew else { return }
      try tls.reload(Self.credentials(files))
      logger.notice("public certificate taken over")
    } catch {
      logger.warning("the public certificate cannot be used", metadata: ["cause": "\(error)"])
    }
  }

  private static func read(_ certificate: String, _ key: String) throws -> Files {
    Files(
      chain: try String(contentsOfFile: certificate, encoding: .utf8),
      key: try KeyFile.readText(key))
  }

  private static func credentials(_ files: Files) -> TLSCredentials {
    TLSCredentials(
      identity: TLSCredentials.Identity(
        certificateChainPEM: files.chain, privateKeyPEM: files.key), trust: .nobody)
  }
}
