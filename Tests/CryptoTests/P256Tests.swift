import Crypto
import Testing

@Suite struct P256Tests {
  /// RFC 7515 appendix A.3: key and signature of the ES256 example.
  static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
  static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
  static let signed =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
  static let signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

  @Test func theSignatureOfRFC7515IsValid() throws {
    let key = try P256PublicKey(
      x: #require(Base64URL.decode(Self.x)), y: #require(Base64URL.decode(Self.y)))
    let signature = try #require(Base64URL.decode(Self.signature))
    #expect(key.isValid(signature: signature, for: Self.signed.utf8))
    #expect(!key.isValid(signature: signature, for: (Self.signed + "x").utf8))
  }

  @Test func signaturesAreRawAndBoundToDataAndKey() throws {
    let key = try P256PrivateKey.generate()
    for _ in 0..<64 {  // r or s with leading zeros comes up once in 128
      var signature = try key.sign([1, 2, 3])
      #expect(signature.count == 64)
      #expect(key.publicKey.isValid(signature: signature, for: [1, 2, 3]))
      signature[40] ^= 1
      #expect(!key.publicKey.isValid(signature: signature, for: [1, 2, 3]))
    }
    let signature = try key.sign([1, 2, 3])
    #expect(!key.publicKey.isValid(signature: signature, for: [1, 2]))
    #expect(!key.publicKey.isValid(signature: Array(signature.dropLast()), for: [1, 2, 3]))
    #expect(!key.publicKey.isValid(signature: [UInt8](repeating: 0, count: 64), for: [1, 2, 3]))
    #expect(try !P256PrivateKey.generate().publicKey.isValid(signature: signature, for: [1, 2, 3]))
  }

  @Test func pemRoundTrips() throws {
    let key = try P256PrivateKey.generate()
    let copy = try P256PrivateKey(pem: key.pem())
    #expect(copy.publicKey == key.publicKey)
    #expect(try key.publicKey.isValid(signature: copy.sign([9]), for: [9]))
  }

  @Test func coordinatesRebuildTheKey() throws {
    let key = try P256PrivateKey.generate().publicKey
    #expect(try P256PublicKey(x: key.x, y: key.y) == key)
    var y = key.y
    y[31] ^= 1
    #expect(throws: CryptoError.self) { try P256PublicKey(x: key.x, y: y) }
  }

  @Test(arguments: [
    "", "-----BEGIN PRIVATE KEY-----\nAAAA\n",
    "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
  ])
  func brokenPEMIsRefused(text: String) {
    #expect(throws: CryptoError.self) { try P256PrivateKey(pem: text) }
  }
}
