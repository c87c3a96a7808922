/// Why a cryptographic operation failed. No case ever carries key material, tokens or plaintext.
package enum CryptoError: Error, Sendable, Hashable, CustomStringConvertible {
  /// OpenSSL refused `operation`; `reason` is its own static text for the error code.
  case operationFailed(operation: String, reason: String)
  /// The input is not a well-formed value of this kind.
  case malformed(String)
  /// A key is of a kind or size that the exchange does not accept.
  case unacceptableKey(String)
  /// A signature or authentication tag does not match.
  case invalidSignature
  /// A certificate does not chain to a trust anchor; `reason` is OpenSSL's static text.
  case untrustedCertificate(reason: String)
  /// A file that holds keys cannot be used.
  case keyFile(path: String, problem: String)
  /// A token was refused; the text names the rule, never the token.
  case tokenRefused(String)

  package var description: String {
    switch self {
    case .operationFailed(let operation, let reason): "\(operation) failed: \(reason)"
    case .malformed(let what): "malformed \(what)"
    case .unacceptableKey(let why): "unacceptable key: \(why)"
    case .invalidSignature: "the signature is not valid"
    case .untrustedCertificate(let reason): "certificate not trusted: \(reason)"
    case .keyFile(let path, let problem): "\(path): \(problem)"
    case .tokenRefused(let rule): "token refused: \(rule)"
    }
  }
}
