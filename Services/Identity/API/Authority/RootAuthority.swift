import Crypto
import Foundation
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime

/// The root of an exchange: two files that are needed only to make issuing authorities, and are kept
/// offline between.
struct RootAuthority: Sendable {
  static let lifetimeSeconds: Int64 = 10 * 365 * 86_400
  static let certificateFile = "root.pem"
  static let keyFile = "root-key.pem"

  let authority: CertificateAuthority
  var fingerprint: String { authority.certificate.fingerprint.hex }

  /// Reads the root in `directory`. Throws one line when it is missing, damaged or open to others.
  init(directory: String) throws(StartupError) {
    try self.init(
      certificate: directory + "/" + Self.certificateFile, key: directory + "/" + Self.keyFile)
  }

  init(certificate: String, key: String) throws(StartupError) {
    guard let text = try? String(contentsOfFile: certificate, encoding: .utf8) else {
      throw StartupError(.missingInput, "cannot read the root certificate \(certificate)")
    }
    do {
      authority = try CertificateAuthority(
        certificate: Certificate(pem: text), key: P256PrivateKey(pem: KeyFile.readText(key)))
    } catch CryptoError.keyFile(let path, let problem) {
      throw StartupError(.insecureFile, "\(path) \(problem)")
    } catch {
      throw StartupError(.badData, "\(certificate) and \(key) are no root: \(error)")
    }
  }

  static func exists(in directory: String) -> Bool {
    FileManager.default.fileExists(atPath: directory + "/" + certificateFile)
  }

  /// Makes a root and writes its two files.
  static func make(
    in directory: String, trustDomain: String, at now: Timestamp
  ) throws -> RootAuthority {
    let authority = try CertificateAuthority.makeRoot(
      name: "NDX root \(trustDomain)",
      notBefore: now.adding(seconds: -CertificateValidity.backdateSeconds),
      notAfter: now.adding(seconds: lifetimeSeconds))
    try Folder.make(directory)
    try KeyFile.write(try authority.key.pem(), to: directory + "/" + keyFile)
    try PublicFile.write(authority.certificate.pem, to: directory + "/" + certificateFile)
    return try RootAuthority(directory: directory)
  }

  /// A new issuing authority, as its row.
  func makeIssuer(
    trustDomain: String, key: DatabaseKey, at now: Timestamp
  ) throws -> AuthorityRow {
    let issuer = try authority.makeIntermediate(
      name: "NDX issuing \(trustDomain)",
      notBefore: now.adding(seconds: -CertificateValidity.backdateSeconds),
      notAfter: now.adding(seconds: IssuerSchedule.lifetimeSeconds))
    let certificate = issuer.certificate
    return AuthorityRow(
      serial: certificate.serial, isRoot: false, certificateDER: certificate.der,
      sealedKey: try key.seal(issuer.key, name: certificate.serial),
      notBefore: certificate.notBefore, notAfter: certificate.notAfter)
  }

  /// The root's own row.
  var row: AuthorityRow {
    let certificate = authority.certificate
    return AuthorityRow(
      serial: certificate.serial, isRoot: true, certificateDER: certificate.der, sealedKey: nil,
      notBefore: certificate.notBefore, notAfter: certificate.notAfter)
  }
}
