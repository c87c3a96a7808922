import Crypto
import Model
import Testing

/// Inputs from outside with bytes changed at random: refused, never trusted, never a crash.
/// The seed is fixed; a failure names the round.
@Suite struct MutationTests {
  struct Generator: RandomNumberGenerator {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  static let now = Timestamp(microseconds: 1_790_000_000_000_000)

  func mutants(
    of original: [UInt8], rounds: Int, _ body: (_ mutant: [UInt8], _ round: Int) throws -> Void
  ) rethrows {
    var generator = Generator()
    for round in 0..<rounds {
      var mutant = original
      for _ in 0...Int.random(in: 0..<3, using: &generator) {
        let index = Int.random(in: 0..<mutant.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: mutant[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: mutant[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 2: mutant.insert(UInt8.random(in: 0...255, using: &generator), at: index)
        default: mutant.removeSubrange(index..<min(mutant.count, index + 3))
        }
        if mutant.isEmpty { mutant = [0] }
      }
      if mutant != original { try body(mutant, round) }
    }
  }

  @Test func noMutatedTokenVerifies() throws {
    let key = try P256PrivateKey.generate()
    let keys = JSONWebKeySet(keys: ["k": key.publicKey])
    let token = try JSONWebToken.sign(
      TokenClaims(
        issuer: "i", subject: "s", audience: "a", issuedAt: Self.now,
        expires: Self.now.adding(seconds: 60), tokenID: "t"), type: "at+jwt", keyID: "k", key: key)
    mutants(of: Array(token.utf8), rounds: 3_000) { mutant, round in
      let text = String(decoding: mutant, as: UTF8.self)
      let claims = try? JSONWebToken.verify(
        text, expecting: .init(type: "at+jwt", issuer: "i", audience: "a"), keys: keys,
        at: Self.now)
      #expect(claims == nil, "round \(round)")
    }
  }

  @Test func noMutatedCertificateIsTrustedUnderAnotherName() throws {
    let root = try CertificateAuthority.makeRoot(
      name: "root", notBefore: Self.now, notAfter: Self.now.adding(seconds: 86_400))
    let key = try P256PrivateKey.generate()
    let leaf = try root.issueLeaf(
      publicKey: PublicKey(key.publicKey), spiffeID: "spiffe://a/service/b", hosts: ["a.example"],
      notBefore: Self.now, notAfter: Self.now.adding(seconds: 3_600))
    mutants(of: leaf.der, rounds: 1_500) { mutant, round in
      guard let certificate = try? Certificate(der: mutant) else { return }
      #expect(throws: CryptoError.self, "round \(round)") {
        try CertificateChain.verify(
          certificate, intermediates: [], anchors: [root.certificate], at: Self.now)
      }
    }
  }

  @Test func noMutatedRequestProvesItsKey() throws {
    let key = try P256PrivateKey.generate()
    let request = try CertificateSigningRequest(key: key)
    mutants(of: request.der, rounds: 1_500) { mutant, round in
      let parsed = try? CertificateSigningRequest(der: mutant)
      #expect(parsed == nil, "round \(round)")
    }
  }

  @Test func mutatedJSONEitherParsesToAValueThatRoundTripsOrIsRefused() {
    let text = #"{"a":[1,-20,true,null,"x\u0111\n"],"b":{"c":"đ","d":{}}}"#
    mutants(of: Array(text.utf8), rounds: 5_000) { mutant, round in
      guard let value = try? JSON(parsing: mutant) else { return }
      let again = try? JSON(parsing: value.text.utf8)
      #expect(again == value, "round \(round)")
    }
  }
}
