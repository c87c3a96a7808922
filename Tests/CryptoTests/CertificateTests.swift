import Crypto
import Model
import Testing

@Suite struct CertificateTests {
  static let now = Timestamp(microseconds: 1_790_000_000_000_000)
  static let spiffeID = "spiffe://ndx.test/service/settlement"
  let root: CertificateAuthority
  let issuer: CertificateAuthority
  let key: P256PrivateKey

  init() throws {
    root = try .makeRoot(
      name: "NDX root", notBefore: Self.now, notAfter: Self.now.adding(seconds: 86_400 * 365))
    issuer = try root.makeIntermediate(
      name: "NDX issuer", notBefore: Self.now, notAfter: Self.now.adding(seconds: 86_400 * 7))
    key = try .generate()
  }

  func leaf(seconds: Int64 = 3600, hosts: [String] = []) throws -> Certificate {
    try issuer.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: Self.spiffeID, hosts: hosts,
      notBefore: Self.now, notAfter: Self.now.adding(seconds: seconds))
  }

  func verify(
    _ leaf: Certificate, through: [Certificate]? = nil, to anchor: Certificate? = nil,
    afterSeconds seconds: Int64 = 60, for purpose: CertificateChain.Purpose = .client
  ) throws {
    try CertificateChain.verify(
      leaf, intermediates: through ?? [issuer.certificate],
      anchors: [anchor ?? root.certificate], at: Self.now.adding(seconds: seconds), for: purpose)
  }

  @Test func aLeafCarriesItsNamesAndTimes() throws {
    let leaf = try leaf(hosts: ["Settlement.example", "127.0.0.1", "::1"])
    #expect(leaf.spiffeID == Self.spiffeID)
    #expect(leaf.dnsNames == ["settlement.example"])
    #expect(leaf.addresses == [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]])
    #expect(leaf.notBefore == Self.now)
    #expect(leaf.notAfter == Self.now.adding(seconds: 3600))
    #expect(leaf.serial.count == 32)
    #expect(leaf.fingerprint == Digest.sha256(of: leaf.der))
    #expect(leaf.publicKey.p256 == key.publicKey)
    #expect(!leaf.isCertificateAuthority && issuer.certificate.isCertificateAuthority)
    #expect(try Certificate(pem: leaf.pem) == leaf)
  }

  @Test func aLeafIsTrustedForBothEndsOfTLS() throws {
    try verify(leaf())
    try verify(leaf(), for: .server)
  }

  @Test func aLeafIsNotTrustedOutsideItsTime() throws {
    let leaf = try leaf()
    #expect(throws: CryptoError.untrustedCertificate(reason: "certificate has expired")) {
      try verify(leaf, afterSeconds: 3601)
    }
    #expect(throws: CryptoError.untrustedCertificate(reason: "certificate is not yet valid")) {
      try verify(leaf, afterSeconds: -1)
    }
  }

  @Test func anotherRootOrAMissingIssuerIsNotTrusted() throws {
    let other = try CertificateAuthority.makeRoot(
      name: "NDX root", notBefore: Self.now, notAfter: Self.now.adding(seconds: 86_400))
    #expect(throws: CryptoError.self) { try verify(leaf(), to: other.certificate) }
    #expect(throws: CryptoError.self) { try verify(leaf(), through: []) }
  }

  @Test func aLeafCannotIssueAndAnIssuerCannotMakeAuthorities() throws {
    #expect(throws: CryptoError.unacceptableKey("the certificate is not an authority's")) {
      try CertificateAuthority(certificate: leaf(), key: key)
    }
    let below = try issuer.makeIntermediate(
      name: "too deep", notBefore: Self.now, notAfter: Self.now.adding(seconds: 3600))
    let tooDeep = try below.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: Self.spiffeID, notBefore: Self.now,
      notAfter: Self.now.adding(seconds: 600))
    #expect(throws: CryptoError.untrustedCertificate(reason: "path length constraint exceeded")) {
      try verify(tooDeep, through: [issuer.certificate, below.certificate])
    }
  }

  @Test func nothingOutlivesItsIssuer() throws {
    let leaf = try leaf(seconds: 86_400 * 30)
    #expect(leaf.notAfter == issuer.certificate.notAfter)
  }

  @Test(arguments: ["", "a b", "*.example", "-a.example", "a..b", "256.1.1.1", "a\u{0}.example"])
  func malformedHostsAreRefused(host: String) {
    #expect(!HostName.isValid(host))
    #expect(throws: CryptoError.malformed("host name")) { try leaf(hosts: [host]) }
  }

  @Test func brokenCertificatesAreRefused() throws {
    let der = try leaf().der
    #expect(throws: CryptoError.malformed("certificate")) { try Certificate(der: der + [0]) }
    #expect(throws: CryptoError.malformed("certificate")) {
      try Certificate(der: Array(der.dropLast()))
    }
    var tampered = der
    tampered[der.count - 80] ^= 1
    if let certificate = try? Certificate(der: tampered) {
      #expect(throws: CryptoError.self) { try verify(certificate) }
    }
  }

  @Test func aRequestProvesPossessionOfItsKey() throws {
    let request = try CertificateSigningRequest(key: key)
    #expect(try CertificateSigningRequest(pem: request.pem).publicKey.p256 == key.publicKey)
    var forged = request.der
    forged[forged.count - 1] ^= 1
    #expect(throws: CryptoError.self) { try CertificateSigningRequest(der: forged) }
  }
}
