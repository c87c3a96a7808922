import COpenSSL
import Model

/// Writes certificates after the exchange's profile of RFC 5280: version 3, random 127-bit serial
/// numbers, ECDSA with SHA-256, key identifiers, and nothing from the request but the public key.
struct CertificateBuilder {
  enum Profile {
    case authority(pathLength: Int)
    case leaf(SubjectAlternativeName)
  }

  let subject: String?
  let publicKey: PublicKey
  let notBefore: Timestamp
  let notAfter: Timestamp
  let profile: Profile

  /// `issuer` is nil for a self-signed root.
  func signed(by issuer: Certificate?, key: P256PrivateKey) throws -> Certificate {
    guard notBefore < notAfter else { throw CryptoError.malformed("validity") }
    let object = try OpenSSLObject(X509_new(), "X509_new") { X509_free($0) }
    let certificate = object.pointer
    try OpenSSLObject.check(X509_set_version(certificate, 2), "X509_set_version")
    try setSerialNumber(of: certificate)
    try setValidity(of: certificate)
    try setNames(of: certificate, issuer: issuer)
    try OpenSSLObject.check(
      X509_set_pubkey(certificate, publicKey.object.pointer), "X509_set_pubkey")
    try addExtensions(to: certificate, issuer: issuer)
    guard X509_sign(certificate, key.object.pointer, EVP_sha256()) > 0 else {
      throw OpenSSLObject.failure(of: "X509_sign")
    }
    return try Certificate(object: object)
  }

  private func setSerialNumber(of certificate: OpaquePointer) throws {
    var bytes = Random.bytes(16)
    bytes[0] = bytes[0] & 0x3F | 0x40
    guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else {
      throw OpenSSLObject.failure(of: "BN_bin2bn")
    }
    defer { BN_free(number) }
    guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil else {
      throw OpenSSLObject.failure(of: "BN_to_ASN1_INTEGER")
    }
  }

  private func setValidity(of certificate: OpaquePointer) throws {
    guard ASN1_TIME_set(X509_getm_notBefore(certificate), ASN1.seconds(notBefore)) != nil,
      ASN1_TIME_set(X509_getm_notAfter(certificate), ASN1.seconds(notAfter)) != nil
    else { throw OpenSSLObject.failure(of: "ASN1_TIME_set") }
  }

  private func setNames(of certificate: OpaquePointer, issuer: Certificate?) throws {
    if let subject {
      let name = X509_get_subject_name(certificate)
      let text = Array(subject.utf8)
      try OpenSSLObject.check(
        X509_NAME_add_entry_by_NID(
          name, NID_commonName, MBSTRING_FLAG | 0, text, Int32(text.count), -1, 0),
        "X509_NAME_add_entry_by_NID")
    }
    let issuerName = X509_get_subject_name(issuer?.object.pointer ?? certificate)
    try OpenSSLObject.check(X509_set_issuer_name(certificate, issuerName), "X509_set_issuer_name")
  }

  private func addExtensions(to certificate: OpaquePointer, issuer: Certificate?) throws {
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer?.object.pointer ?? certificate, certificate, nil, nil, 0)
    func add(_ kind: Int32, _ value: String) throws {
      guard let added = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
        throw OpenSSLObject.failure(of: "X509V3_EXT_conf_nid")
      }
      defer { X509_EXTENSION_free(added) }
      try OpenSSLObject.check(X509_add_ext(certificate, added, -1), "X509_add_ext")
    }
    try add(NID_subject_key_identifier, "hash")
    try add(NID_authority_key_identifier, "keyid:always")
    switch profile {
    case .authority(let pathLength):
      try add(NID_basic_constraints, "critical,CA:TRUE,pathlen:\(pathLength)")
      try add(NID_key_usage, "critical,keyCertSign,cRLSign")
    case .leaf(let names):
      try add(NID_basic_constraints, "critical,CA:FALSE")
      try add(NID_key_usage, "critical,digitalSignature")
      try add(NID_ext_key_usage, "serverAuth,clientAuth")
      try names.add(to: certificate)
    }
  }
}
