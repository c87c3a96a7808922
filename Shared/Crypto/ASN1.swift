import COpenSSL
import Model

/// Conversions between OpenSSL's ASN.1 strings and ours.
enum ASN1 {
  typealias String = UnsafePointer<ASN1_STRING>

  static func bytes(_ string: String) -> [UInt8] {
    guard let data = ASN1_STRING_get0_data(string) else { return [] }
    return Array(UnsafeBufferPointer(start: data, count: Int(ASN1_STRING_length(string))))
  }

  /// Certificate times have whole seconds.
  static func timestamp(_ time: String?) throws -> Timestamp {
    let epoch = ASN1_TIME_set(nil, 0)
    defer { ASN1_STRING_free(epoch) }
    var days: Int32 = 0
    var seconds: Int32 = 0
    guard let time, let epoch, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
      throw CryptoError.malformed("certificate time")
    }
    return Timestamp(microseconds: (Int64(days) * 86_400 + Int64(seconds)) * 1_000_000)
  }

  /// Whole seconds since the epoch, rounded down.
  static func seconds(_ time: Timestamp) -> Int {
    let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    return Int(remainder < 0 ? quotient - 1 : quotient)
  }
}
