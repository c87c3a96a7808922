import Crypto
import Foundation
import Model
import Testing

/// Our output judged by the `openssl` command, and its output by us.
@Suite struct OpenSSLCommandTests {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "ndx-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  @discardableResult
  func openssl(_ arguments: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  func write(_ text: String, _ name: String) throws {
    try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  @Test func itVerifiesOurChainStrictly() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let now = WallClock.system.now()
    let root = try CertificateAuthority.makeRoot(
      name: "NDX root", notBefore: now.adding(seconds: -60),
      notAfter: now.adding(seconds: 86_400))
    let issuer = try root.makeIntermediate(
      name: "NDX issuer", notBefore: now.adding(seconds: -60),
      notAfter: now.adding(seconds: 7200))
    let leaf = try issuer.issueLeaf(
      publicKey: PublicKey(P256PrivateKey.generate().publicKey),
      spiffeID: "spiffe://ndx.test/service/audit", hosts: ["localhost", "127.0.0.1"],
      notBefore: now.adding(seconds: -60), notAfter: now.adding(seconds: 3600))
    try write(root.certificate.pem, "root.pem")
    try write(issuer.certificate.pem, "issuer.pem")
    try write(leaf.pem, "leaf.pem")
    let verdict = try openssl(
      "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "localhost",
      "-CAfile", "root.pem", "-untrusted", "issuer.pem", "leaf.pem")
    #expect(verdict.output == "leaf.pem: OK\n")
    let text = try openssl("x509", "-in", "leaf.pem", "-noout", "-text").output
    #expect(text.contains("X509v3 Subject Alternative Name: critical"))
    #expect(
      text.contains(
        "URI:spiffe://ndx.test/service/audit, DNS:localhost, IP Address:127.0.0.1"))
    #expect(text.contains("TLS Web Server Authentication, TLS Web Client Authentication"))
    #expect(text.contains("ecdsa-with-SHA256"))
  }

  @Test func itReadsOurKeysAndRequests() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let key = try P256PrivateKey.generate()
    try write(try key.pem(), "key.pem")
    try write(try CertificateSigningRequest(key: key).pem, "request.pem")
    #expect(try openssl("pkey", "-in", "key.pem", "-check", "-noout").status == 0)
    #expect(try openssl("req", "-in", "request.pem", "-verify", "-noout").status == 0)
    try write(try Ed25519PrivateKey.generate().pem(), "ed.pem")
    #expect(try openssl("pkey", "-in", "ed.pem", "-noout").status == 0)
  }

  @Test func weReadItsKeysAndRequests() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "k")
    try openssl("req", "-new", "-key", "k", "-subj", "/CN=evil/O=x", "-out", "r")
    let key = try P256PrivateKey(pem: read("k"))
    #expect(try CertificateSigningRequest(pem: read("r")).publicKey.p256 == key.publicKey)
  }

  @Test(arguments: [
    ("RSA", "rsa_keygen_bits:2048", false), ("RSA", "rsa_keygen_bits:3072", true),
    ("EC", "ec_paramgen_curve:P-384", false),
  ])
  func requestsAreRefusedByTheirKey(algorithm: String, option: String, isAccepted: Bool) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try openssl("genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", "k")
    try openssl("req", "-new", "-key", "k", "-subj", "/CN=x", "-out", "r")
    let pem = try read("r")
    if isAccepted {
      #expect(throws: Never.self) { try CertificateSigningRequest(pem: pem) }
    } else {
      #expect(throws: CryptoError.self) { try CertificateSigningRequest(pem: pem) }
    }
  }
}
