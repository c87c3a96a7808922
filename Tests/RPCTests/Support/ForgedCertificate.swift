import COpenSSL
import Crypto
import Model
import Synchronization

@testable import RPC

/// A certificate of any kind that identity would never issue, with its key.
final class ForgedCertificate {
  struct Content {
    /// As EVP_PKEY_Q_keygen names them.
    enum Key: Equatable {
      case curve(String)
      case rsa(bits: Int)
      case ed25519
    }
    var key = Key.curve("P-256")
    var digest = "SHA256"
    var name = "forged"
    var notBeforeSeconds: Int64 = -1800
    var notAfterSeconds: Int64 = 1800
    var alternativeName: String? = "URI:\(TestAuthority.clientID)"
    var basicConstraints: String? = "critical,CA:FALSE"
    var keyUsage: String? = "critical,digitalSignature"
    var extendedKeyUsage: String? = "serverAuth,clientAuth"
    var nameConstraints: String?

    static func authority(_ name: String, pathLength: Int) -> Content {
      var content = Content()
      content.name = name
      content.alternativeName = nil
      content.basicConstraints = "critical,CA:TRUE,pathlen:\(pathLength)"
      content.keyUsage = "critical,keyCertSign,cRLSign"
      content.extendedKeyUsage = nil
      return content
    }
  }

  private let certificate: OpaquePointer
  private let key: OpaquePointer
  /// PEM of this certificate and of the forged ones above it.
  let chainPEM: String

  convenience init(
    _ content: Content = Content(), by authority: TestAuthority,
    _ change: (inout Content) -> Void = { _ in }
  ) throws {
    try self.init(content, change, authority.root.certificate, authority.root.key)
  }

  static func selfSigned() throws -> ForgedCertificate {
    try ForgedCertificate(Content(), issuer: nil, signedWith: nil, above: "")
  }

  convenience init(
    _ content: Content = Content(), by issuer: ForgedCertificate,
    _ change: (inout Content) -> Void = { _ in }
  ) throws {
    var content = content
    change(&content)
    try self.init(
      content, issuer: issuer.certificate, signedWith: issuer.key, above: issuer.chainPEM)
  }

  private convenience init(
    _ content: Content, _ change: (inout Content) -> Void, _ issuer: Certificate,
    _ issuerKey: P256PrivateKey
  ) throws {
    var content = content
    change(&content)
    let pointers = (
      issuer.withUnsafeCertificate { X509_dup($0) }, try Self.readKey(issuerKey.pem())
    )
    defer {
      X509_free(pointers.0)
      EVP_PKEY_free(pointers.1)
    }
    try self.init(content, issuer: pointers.0, signedWith: pointers.1, above: "")
  }

  private init(
    _ content: Content, issuer: OpaquePointer?, signedWith issuerKey: OpaquePointer?,
    above chain: String
  ) throws {
    guard let certificate = X509_new(), let key = Self.makeKey(content.key) else {
      throw TLSError.last("forged certificate")
    }
    self.certificate = certificate
    self.key = key
    X509_set_version(certificate, 2)
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), .random(in: 1...Int.max))
    let now = WallClock.system.now().microseconds / 1_000_000
    ASN1_TIME_set(X509_getm_notBefore(certificate), Int(now + content.notBeforeSeconds))
    ASN1_TIME_set(X509_getm_notAfter(certificate), Int(now + content.notAfterSeconds))
    let name = X509_get_subject_name(certificate)
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_FLAG, content.name, -1, -1, 0)
    let issuer = issuer ?? certificate
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer))
    X509_set_pubkey(certificate, key)
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
    let extensions = [
      (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always"),
      (NID_basic_constraints, content.basicConstraints), (NID_key_usage, content.keyUsage),
      (NID_ext_key_usage, content.extendedKeyUsage),
      (NID_subject_alt_name, content.alternativeName),
      (NID_name_constraints, content.nameConstraints),
    ]
    for case (let kind, let value?) in extensions {
      let added = X509V3_EXT_conf_nid(nil, &context, kind, value)
      try TLSError.check(X509_add_ext(certificate, added, -1) == 1, "forged extension")
      X509_EXTENSION_free(added)
    }
    let digest = EVP_get_digestbyname(content.digest)
    try TLSError.check(X509_sign(certificate, issuerKey ?? key, digest) > 0, "forged signature")
    chainPEM = try Certificate(copying: certificate).pem + chain
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  func keyPEM() throws -> String {
    let sink = BIO_new(BIO_s_mem())
    defer { BIO_free(sink) }
    PEM_write_bio_PKCS8PrivateKey(sink, key, nil, nil, 0, nil, nil)
    var bytes = [UInt8](repeating: 0, count: 8192)
    let count = BIO_read(sink, &bytes, Int32(bytes.count))
    return String(decoding: bytes[..<max(0, Int(count))], as: UTF8.self)
  }

  /// To be used by whoever trusts this authority.
  func credentials(trusting authority: TestAuthority) throws -> TLSCredentials {
    TLSCredentials(
      certificateChainPEM: chainPEM, privateKeyPEM: try keyPEM(),
      trustAnchorsPEM: authority.root.certificate.pem)
  }

  /// RSA keys take long to make: one of each size does for all.
  private static let rsaKeys = Mutex<[Int: SharedKey]>([:])

  private static func makeKey(_ key: Content.Key) -> OpaquePointer? {
    switch key {
    case .curve(let name): return generate("EC") { EVP_PKEY_CTX_set_group_name($0, name) }
    case .ed25519: return generate("ED25519")
    case .rsa(let bits):
      return rsaKeys.withLock { keys in
        let key =
          keys[bits]
          ?? SharedKey(
            pointer: generate("RSA") { EVP_PKEY_CTX_set_rsa_keygen_bits($0, Int32(bits)) })
        keys[bits] = key
        EVP_PKEY_up_ref(key.pointer)
        return key.pointer
      }
    }
  }

  private static func generate(
    _ algorithm: String, _ configure: (OpaquePointer?) -> Int32 = { _ in 1 }
  ) -> OpaquePointer? {
    let context = EVP_PKEY_CTX_new_from_name(nil, algorithm, nil)
    defer { EVP_PKEY_CTX_free(context) }
    var made: OpaquePointer?
    EVP_PKEY_keygen_init(context)
    guard configure(context) == 1 else { return nil }
    EVP_PKEY_generate(context, &made)
    return made
  }

  private static func readKey(_ pem: String) throws -> OpaquePointer {
    let bytes = Array(pem.utf8)
    let source = BIO_new_mem_buf(bytes, Int32(bytes.count))
    defer { BIO_free(source) }
    guard let key = PEM_read_bio_PrivateKey(source, nil, nil, nil) else {
      throw TLSError.last("private key")
    }
    return key
  }
}

/// Unchecked: a key is not changed once it is made.
private struct SharedKey: @unchecked Sendable {
  let pointer: OpaquePointer?
}
