package import Crypto
import Model

/// What a key signs, which decides its id and text form (c2sp.org/signed-note, "verifier keys").
enum NoteKeyKind: UInt8 {
  /// Ed25519 over the text of a note.
  case log = 0x01
  /// Ed25519 over the text of a checkpoint and a time (c2sp.org/tlog-cosignature).
  case cosignature = 0x04

  /// The first four bytes of SHA-256(name ‖ 0A ‖ kind ‖ public key).
  func id(_ name: String, _ key: Ed25519PublicKey) -> [UInt8] {
    let encoded = [rawValue] + key.rawRepresentation
    return Array(Digest.sha256(of: Array(name.utf8) + [0x0A] + encoded).bytes.prefix(4))
  }

  /// `name+hash+key`.
  func text(_ name: String, _ key: Ed25519PublicKey) -> String {
    let encoded = StrictBase64.encode([rawValue] + key.rawRepresentation)
    return "\(name)+\(Hex.encode(id(name, key)))+\(encoded)"
  }

  /// Reads the text form. Throws `LogFormatError` for anything else, for a key of another kind, and when the hash is
  /// not that of name and key.
  func parse(_ text: String) throws -> (name: String, key: Ed25519PublicKey) {
    let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2)
    guard parts.count == 3, let name = String(parts[0]), VerifierKey.isValid(name: name),
      let encoded = StrictBase64.decode(String(decoding: Array(parts[2]), as: UTF8.self)),
      encoded.count == 33, encoded[0] == rawValue
    else { throw LogFormatError.malformed("verifier key") }
    let key = try Ed25519PublicKey(rawRepresentation: Array(encoded.dropFirst()))
    guard Hex.encode(id(name, key)).utf8.elementsEqual(parts[1]) else {
      throw LogFormatError.malformed("verifier key")
    }
    return (name, key)
  }
}

/// The public key that checks a log's notes, with the name it goes by (C2SP signed-note, Ed25519).
package struct VerifierKey: Sendable, Hashable {
  package let name: String
  package let publicKey: Ed25519PublicKey
  /// Four bytes, made of name and key.
  package let id: [UInt8]

  /// Throws `LogFormatError` when `name` cannot be a key's name.
  package init(name: String, publicKey: Ed25519PublicKey) throws {
    guard Self.isValid(name: name) else { throw LogFormatError.malformed("key name") }
    self.name = name
    self.publicKey = publicKey
    id = NoteKeyKind.log.id(name, publicKey)
  }

  /// Reads the text form, `name+hash+key`. Throws `LogFormatError` for anything else, and when the
  /// hash is not that of name and key.
  package init(_ text: String) throws {
    let (name, publicKey) = try NoteKeyKind.log.parse(text)
    try self.init(name: name, publicKey: publicKey)
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
  package var description: String { NoteKeyKind.log.text(name, publicKey) }
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
