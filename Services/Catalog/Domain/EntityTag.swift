import Crypto
import Model

/// Names one version of one object, for optimistic concurrency (AIP-154).
enum EntityTag {
  /// 32 hexadecimal digits; `subject` is such as "offer/<id>".
  static func of(_ subject: String, version: Int64) -> String {
    String(Digest.sha256(of: "\(subject)/\(version)").hex.prefix(32))
  }
}
