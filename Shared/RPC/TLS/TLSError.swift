import COpenSSL

/// Why credentials cannot be used or a handshake failed; never holds key material.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String
  /// What the other end gave as its reason, when it was that end which refused.
  package let alert: TLSAlert?

  init(_ description: String) {
    self.description = description
    alert = nil
  }

  init(_ alert: TLSAlert) {
    description = "the other end refused: \(alert)"
    self.alert = alert
  }

  /// The first error in this thread's OpenSSL queue, which is emptied.
  static func last(_ operation: String) -> TLSError {
    let code = ERR_peek_error()
    ERR_clear_error()
    guard code != 0, let reason = ERR_reason_error_string(code) else { return TLSError(operation) }
    if ERR_GET_LIB(code) == ERR_LIB_SSL, let alert = TLSAlert(openSSLReason: ERR_GET_REASON(code)) {
      return TLSError(alert)
    }
    return TLSError("\(operation): \(String(cString: reason))")
  }

  static func check(_ isSuccess: Bool, _ operation: String) throws {
    guard isSuccess else { throw last(operation) }
  }
}
