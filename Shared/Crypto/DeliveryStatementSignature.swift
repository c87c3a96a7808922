package import Model

/// Signatures of both ends under a delivery statement (`ndx.delivery.v1.Signature`): ES256 over
/// "ndx-delivery-receipt-v1\n" and the statement's bytes, with the signer's certificate chain.
package enum DeliveryStatementSignature {
  /// What is signed, for a statement in wire form.
  package static func input(_ statement: [UInt8]) -> [UInt8] {
    Array("ndx-delivery-receipt-v1\n".utf8) + statement
  }

  /// 64 bytes, r‖s.
  package static func sign(_ statement: [UInt8], with key: P256PrivateKey) throws -> [UInt8] {
    try key.sign(input(statement))
  }

  /// Returns the signer's certificate when the chain (leaf first, DER) leads to one of `anchors` at
  /// `time` and the signature is the leaf's. Throws `CryptoError` otherwise. Who the signer must be,
  /// and whether the certificate has been revoked, is for the caller to judge.
  package static func verify(
    _ signature: [UInt8], by chain: [[UInt8]], under statement: [UInt8], anchors: [Certificate],
    at time: Timestamp
  ) throws -> Certificate {
    let certificates = try chain.map { try Certificate(der: $0) }
    guard let leaf = certificates.first else {
      throw CryptoError.untrustedCertificate(reason: "the chain is empty")
    }
    try CertificateChain.verify(
      leaf, intermediates: Array(certificates.dropFirst()), anchors: anchors, at: time)
    guard let key = leaf.publicKey.p256, key.isValid(signature: signature, for: input(statement))
    else { throw CryptoError.invalidSignature }
    return leaf
  }
}
