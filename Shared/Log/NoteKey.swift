package import Crypto
import Model

/// The public key that checks a log's notes, with the name it goes by (C2SP signed-note, Ed25519).
package struct VerifierKey: Sendable, Hashable {
  /// The byte that stands for Ed25519 in key ids and encoded keys.
  static let algorithm: UInt8 = 0x01

  package let name: String
  package let publicKey: Ed25519PublicKey
  /// The first four bytes of SHA-256(name ‖ 0A ‖ 01 ‖ public key).
  package let id: [UInt8]

  /// Throws `LogFormatError` when `name` cannot be a key's name.
  package init(name: String, publicKey: Ed25519PublicKey) throws {
    guard Self.isValid(name: name) else { throw LogFormatError.malformed("key name") }
    self.name = name
    self.publicKey = publicKey
    let encoded = [Self.algorithm] + publicKey.rawRepresentation
    id = Array(Digest.sha256(of: Array(name.utf8) + [0x0A] + encoded).bytes.prefix(4))
  }

  /// Reads the text form, `name+hash+key`. Throws `LogFormatError` for anything else, and when the
  /// hash is not that of name and key.
  package init(_ text: String) throws {
    let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2)
    guard parts.count == 3, let name = String(parts[0]),
      let encoded = StrictBase64.decode(String(decoding: Array(parts[2]), as: UTF8.self)),
      encoded.count == 33, encoded[0] == Self.algorithm
    else { throw LogFormatError.malformed("verifier key") }
    try self.init(
      name: name, publicKey: Ed25519PublicKey(rawRepresentation: Array(encoded.dropFirst())))
    guard Hex.encode(id).utf8.elementsEqual(parts[1]) else {
      throw LogFormatError.malformed("verifier key")
    }
  }

  /// Not empty, without white space, control characters and plus signs.
  package static func isValid(name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= LogLimits.nameBytes
      && name.unicodeScalars.allSatisfy { scalar in
        !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
          && scalar != "+"
      }
  }
}

extension VerifierKey: CustomStringConvertible {
  /// The text form: `name+hash+key`.
  package var description: String {
    let encoded = [Self.algorithm] + publicKey.rawRepresentation
    return "\(name)+\(Hex.encode(id))+\(StrictBase64.encode(encoded))"
  }
}

/// The private key that signs a log's notes.
package struct NoteSigner: Sendable {
  private let key: Ed25519PrivateKey
  package let verifierKey: VerifierKey

  /// Throws `LogFormatError` when `name` cannot be a key's name.
  package init(name: String, key: Ed25519PrivateKey) throws {
    self.key = key
    verifierKey = try VerifierKey(name: name, publicKey: key.publicKey)
  }

  /// Signs `text`, which ends in a newline.
  package func sign(_ text: String) throws -> SignedNote {
    let signature = try key.sign(Array(text.utf8))
    return SignedNote(
      text: text,
      signatures: [
        NoteSignature(name: verifierKey.name, keyID: verifierKey.id, signature: signature)
      ])
  }
}
