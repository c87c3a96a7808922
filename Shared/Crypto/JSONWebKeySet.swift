import Model

/// The public keys that verify ES256 tokens (RFC 7517), by key id.
package struct JSONWebKeySet: Sendable, Hashable {
  package let keys: [String: P256PublicKey]

  package init(keys: [String: P256PublicKey]) { self.keys = keys }

  package subscript(keyID: String) -> P256PublicKey? { keys[keyID] }

  /// Reads P-256 signature keys and skips other kinds (RFC 7517 §5).
  /// Throws for text over 64 KiB, malformed JSON, a key without id or off the curve, and an id twice.
  package init(parsing text: some StringProtocol) throws {
    guard text.utf8.count <= 65_536, let list = try JSON(parsing: text.utf8)["keys"]?.array else {
      throw CryptoError.malformed("key set")
    }
    var keys: [String: P256PublicKey] = [:]
    for item in list where item["kty"]?.string == "EC" && item["crv"]?.string == "P-256" {
      guard item["d"] == nil, let id = item["kid"]?.string,
        let x = item["x"]?.string.flatMap({ Base64URL.decode($0) }),
        let y = item["y"]?.string.flatMap({ Base64URL.decode($0) }),
        keys.updateValue(try P256PublicKey(x: x, y: y), forKey: id) == nil
      else { throw CryptoError.malformed("key set") }
    }
    self.keys = keys
  }

  /// The set as JSON, in order of the key ids.
  package var text: String {
    let list = keys.sorted { $0.key < $1.key }.map { id, key in
      JSON.object([
        "kty": .string("EC"), "crv": .string("P-256"), "use": .string("sig"),
        "alg": .string("ES256"), "kid": .string(id), "x": .string(Base64URL.encode(key.x)),
        "y": .string(Base64URL.encode(key.y)),
      ])
    }
    return JSON.object(["keys": .array(list)]).text
  }
}

extension P256PublicKey {
  /// RFC 7638 thumbprint, the key id of our signing keys.
  package var thumbprint: String {
    let text =
      "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"\(Base64URL.encode(x))\",\"y\":\"\(Base64URL.encode(y))\"}"
    return Base64URL.encode(Digest.sha256(of: text).bytes)
  }
}
