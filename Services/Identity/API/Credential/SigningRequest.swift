import Crypto
import IdentityDomain

extension CertificateSigningRequest {
  /// Parses what a caller sent. Throws `signingRequestInvalid` or `keyNotAcceptable`.
  static func received(_ der: [UInt8]) throws(IdentityError) -> CertificateSigningRequest {
    do {
      return try CertificateSigningRequest(der: der)
    } catch CryptoError.unacceptableKey {
      throw .keyNotAcceptable
    } catch {
      throw .signingRequestInvalid
    }
  }
}
