import Crypto
import Testing

@Suite struct Ed25519Tests {
  /// RFC 8032 §7.1, tests 1 to 3.
  @Test(arguments: [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ])
  func vectorsOfRFC8032Match(seed: String, publicKey: String, message: String, signature: String)
    throws
  {
    let key = try Ed25519PrivateKey(rawRepresentation: hex(seed))
    #expect(key.publicKey.rawRepresentation == hex(publicKey))
    #expect(try key.sign(hex(message)) == hex(signature))
    #expect(key.publicKey.isValid(signature: hex(signature), for: hex(message)))
    #expect(try key.rawRepresentation() == hex(seed))
  }

  @Test func anotherMessageOrSignatureIsInvalid() throws {
    let key = try Ed25519PrivateKey.generate()
    var signature = try key.sign([1, 2, 3])
    #expect(!key.publicKey.isValid(signature: signature, for: [1, 2, 4]))
    signature[5] ^= 1
    #expect(!key.publicKey.isValid(signature: signature, for: [1, 2, 3]))
    #expect(!key.publicKey.isValid(signature: [], for: [1, 2, 3]))
  }

  @Test func keysOfWrongLengthAreRefused() {
    #expect(throws: CryptoError.malformed("Ed25519 private key")) {
      try Ed25519PrivateKey(rawRepresentation: [1])
    }
    #expect(throws: CryptoError.malformed("Ed25519 public key")) {
      try Ed25519PublicKey(rawRepresentation: [])
    }
  }

  @Test func pemRoundTripsAndOtherKindsAreRefused() throws {
    let key = try Ed25519PrivateKey.generate()
    let pem = try key.pem()
    #expect(try Ed25519PrivateKey(pem: pem).publicKey == key.publicKey)
    #expect(throws: CryptoError.self) { try P256PrivateKey(pem: pem) }
    #expect(throws: CryptoError.self) {
      try Ed25519PrivateKey(pem: try P256PrivateKey.generate().pem())
    }
  }
}
