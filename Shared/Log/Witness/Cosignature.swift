package import Crypto
package import Model

/// The public key of a witness with the name it goes by (c2sp.org/tlog-cosignature, Ed25519). It is never taken for a
/// log's key: both its id and its text form say what it is for.
package struct WitnessKey: Sendable, Hashable {
  package let name: String
  package let publicKey: Ed25519PublicKey
  /// Four bytes, made of name and key.
  package let id: [UInt8]

  /// Throws `LogFormatError` when `name` cannot be a key's name.
  package init(name: String, publicKey: Ed25519PublicKey) throws {
    guard VerifierKey.isValid(name: name) else { throw LogFormatError.malformed("key name") }
    self.name = name
    self.publicKey = publicKey
    id = NoteKeyKind.cosignature.id(name, publicKey)
  }

  /// Reads the text form, `name+hash+key` of type 04. Throws `LogFormatError` for anything else.
  package init(_ text: String) throws {
    let (name, key) = try NoteKeyKind.cosignature.parse(text)
    try self.init(name: name, publicKey: key)
  }

  /// Whether a signature line says that it is of this key. It may still be wrong.
  package func isNamed(by line: NoteSignature) -> Bool {
    line.keyID == id && line.name.utf8.elementsEqual(name.utf8)
  }

  /// What the witness says by `line` of the checkpoint `text`; nil when it says nothing: the line is of another key, or
  /// its signature is wrong.
  package func cosignature(_ line: NoteSignature, of text: String) -> Cosignature? {
    guard isNamed(by: line), let cosignature = Cosignature(line: line),
      publicKey.isValid(
        signature: Array(line.signature.dropFirst(Cosignature.timeBytes)),
        for: Cosignature.message(text, at: cosignature.seconds))
    else { return nil }
    return cosignature
  }

  /// The latest of this witness's valid cosignatures on a note; nil when there is none.
  package func cosignature(on note: SignedNote) -> Cosignature? {
    note.signatures.compactMap { cosignature($0, of: note.text) }.max { $0.seconds < $1.seconds }
  }
}

extension WitnessKey: CustomStringConvertible {
  /// The text form: `name+hash+key`.
  package var description: String { NoteKeyKind.cosignature.text(name, publicKey) }
}

/// What a witness says of a checkpoint: at this time it was the largest of its log that the witness had seen, and it
/// extends all that the witness had seen before.
package struct Cosignature: Sendable, Hashable {
  static let timeBytes = 8
  private static let signatureBytes = 64

  /// POSIX time, below 2^63.
  package let seconds: Int
  package let line: NoteSignature

  /// Reads the time of a line; nil when it has not the form of a cosignature. Nothing is verified.
  fileprivate init?(line: NoteSignature) {
    guard line.signature.count == Self.timeBytes + Self.signatureBytes else { return nil }
    let time = line.signature.prefix(Self.timeBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard let seconds = Int(exactly: time) else { return nil }
    self.seconds = seconds
    self.line = line
  }

  /// When it was made, by the witness's clock.
  package var time: Timestamp {
    let (microseconds, overflows) = Int64(seconds).multipliedReportingOverflow(by: 1_000_000)
    return Timestamp(microseconds: overflows ? Int64.max : microseconds)
  }

  /// What is signed.
  static func message(_ text: String, at seconds: Int) -> [UInt8] {
    Array("cosignature/v1\ntime \(seconds)\n\(text)".utf8)
  }
}

/// The private key of a witness.
package struct WitnessSigner: Sendable {
  private let key: Ed25519PrivateKey
  package let witnessKey: WitnessKey

  /// Throws `LogFormatError` when `name` cannot be a key's name.
  package init(name: String, key: Ed25519PrivateKey) throws {
    self.key = key
    witnessKey = try WitnessKey(name: name, publicKey: key.publicKey)
  }

  /// The signature line for a checkpoint's text at a POSIX time, which must not be negative.
  package func cosign(_ text: String, at seconds: Int) throws -> NoteSignature {
    precondition(seconds >= 0, "a cosignature is of a time after 1970")
    let time = UInt64(seconds)
    let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: time >> ($0 * 8)) }
    return NoteSignature(
      name: witnessKey.name, keyID: witnessKey.id,
      signature: bytes + (try key.sign(Cosignature.message(text, at: seconds))))
  }
}
