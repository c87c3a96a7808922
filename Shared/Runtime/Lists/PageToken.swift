import Crypto
package import Model

/// The opaque text of a page token: base64url of a version, a check of the list it belongs to, and
/// the key of the last item.
enum PageToken {
  private static let version: UInt8 = 1

  static func check(_ scope: [String]) -> UInt32 {
    var hasher = SHA256()
    for part in scope {
      hasher.update(Array(part.utf8))
      hasher.update([0])
    }
    return hasher.finalize().withBytes { $0.loadUnaligned(as: UInt32.self) }
  }

  static func text(key: [UInt8], scope: UInt32) -> String {
    Base64URL.encode([version] + withUnsafeBytes(of: scope) { Array($0) } + key)
  }

  static func key(of token: String, scope: UInt32) throws(InvalidArgument) -> [UInt8] {
    guard let bytes = Base64URL.decode(token), bytes.count > 5, bytes[0] == version,
      Array(bytes[1..<5]) == withUnsafeBytes(of: scope, { Array($0) })
    else {
      throw .foreignPageToken
    }
    return Array(bytes[5...])
  }
}

extension InvalidArgument {
  /// A page token is none that this list gave out.
  package static let foreignPageToken = InvalidArgument(
    field: "page_token", rule: "page_token",
    text: Text(
      vi: "không phải là mã trang của danh sách này", en: "is not a page token of this list"))
}
