import Model

@testable import Crypto

/// One byte chooses the format, the others are a text or DER in it. Nobody here holds the keys of `Samples`,
/// so nothing but the samples themselves may pass for signed.
enum TokensLaw {
  private static let forms: [@Sendable (FuzzInput) throws -> Void] = [
    token, tokenInJSON, claims, json, keySet, certificate, request, pem, encodings, names,
  ]

  static func check(_ bytes: [UInt8]) throws {
    var input = FuzzInput(bytes)
    let form = Int(input.byte()) % forms.count
    try forms[form](input)
  }

  private static func token(_ input: FuzzInput) throws { try verify(input.text) }

  /// A line of header and the claims, both as JSON, under the sample's signature.
  private static func tokenInJSON(_ input: FuzzInput) throws {
    let end = input.rest.firstIndex(of: UInt8(ascii: "\n")) ?? input.rest.endIndex
    let signature = Samples.token.split(separator: ".")[2]
    let header = Base64URL.encode(input.rest[..<end])
    let claims = Base64URL.encode(input.rest[end...].dropFirst())
    try verify("\(header).\(claims).\(signature)")
  }

  private static func verify(_ token: String) throws {
    let claims = try? JSONWebToken.verify(
      token, expecting: Samples.expectation, keys: Samples.keys(), at: Samples.now)
    try require(
      claims == nil || token == Samples.token, "a token that nobody signed is accepted: \(token)")
  }

  private static func claims(_ input: FuzzInput) throws {
    guard let json = try? JSON(parsing: input.rest), let claims = try? TokenClaims(json: json)
    else { return }
    try require(try TokenClaims(json: claims.json) == claims, "claims change when they are written")
  }

  private static func json(_ input: FuzzInput) throws {
    guard let value = try? JSON(parsing: input.rest) else { return }
    let again = try require(try? JSON(parsing: value.text.utf8), "we refuse the JSON we write")
    try require(again == value && again.text == value.text, "JSON changes when it is written")
  }

  private static func keySet(_ input: FuzzInput) throws {
    guard let keys = try? JSONWebKeySet(parsing: input.text) else { return }
    let again = try require(try? JSONWebKeySet(parsing: keys.text), "we refuse the keys we write")
    try require(again == keys, "a key set changes when it is written")
  }

  private static func certificate(_ input: FuzzInput) throws {
    guard let certificate = try? Certificate(der: Array(input.rest)) else { return }
    try require(try Certificate(der: certificate.der) == certificate, "a certificate changes")
    try require(
      try Certificate(pem: certificate.pem) == certificate, "a certificate changes in PEM")
    let sample = try Samples.leaf()
    let trust: Void? = try? CertificateChain.verify(
      certificate, intermediates: [], anchors: [Samples.root()], at: Samples.now)
    try require(
      trust == nil
        || certificate.spiffeID == sample.spiffeID
          && certificate.publicKey == sample.publicKey,
      "a forged certificate is trusted")
  }

  private static func request(_ input: FuzzInput) throws {
    guard let request = try? CertificateSigningRequest(der: Array(input.rest)) else { return }
    try request.publicKey.requireAcceptable()
    let again = try CertificateSigningRequest(pem: request.pem)
    try require(again.publicKey == request.publicKey, "a signing request changes in PEM")
    try require(request.publicKey == Samples.request().publicKey, "a forged request proves its key")
  }

  private static func pem(_ input: FuzzInput) throws {
    let text = input.text
    _ = try? P256PrivateKey(pem: text)
    guard let blocks = try? PEMBlock.all(in: text) else { return }
    for block in blocks where block.label.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) {
      let again = try PEMBlock.all(in: block.text)
      try require(again.map(\.der) == [block.der], "a PEM block changes when it is written")
    }
  }

  private static func encodings(_ input: FuzzInput) throws {
    let text = input.text
    if let bytes = Base64URL.decode(text) {
      try require(Base64URL.encode(bytes) == text, "two texts are the same bytes in base64url")
    }
    if let bytes = StrictBase64.decode(text) {
      try require(StrictBase64.encode(bytes) == text, "two texts are the same bytes in base64")
    }
    if let bytes = Hex.decode(text) {
      try require(Hex.encode(bytes) == text, "two texts are the same bytes in hexadecimal")
    }
    if let raw = try? ECDSASignature.raw(fromDER: Array(input.rest)) {
      let der = try require(ECDSASignature.der(fromRaw: raw), "a signature has no DER")
      try require(try ECDSASignature.raw(fromDER: der) == raw, "a signature changes")
    }
    if let time = Timestamp(text) {
      try require(Timestamp(time.description) == time, "a time changes when it is written")
    }
  }

  private static func names(_ input: FuzzInput) throws {
    let text = input.text
    if let name = SPIFFEID(text) {
      try require(
        name.description.utf8.elementsEqual(text.utf8), "two texts are the same SPIFFE ID")
    }
    if HostName.isValid(text) {
      let names = try SubjectAlternativeName(uri: "", hosts: [text])
      try require(names.dnsNames.count + names.addresses.count == 1, "a host has no one name")
    }
  }
}
