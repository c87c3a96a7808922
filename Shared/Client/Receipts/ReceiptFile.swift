package import Model
package import TransparencyLog

/// What `ndx audit get` saves: a receipt of one entry that verifies with the log's key alone.
/// `proof` is a C2SP tlog-proof, `entry` the base64 of the bytes that its leaf hash covers.
package struct ReceiptFile: Sendable, Hashable, Codable {
  package var proof: String
  package var entry: String
  /// The log's key as the log gave it. Proves nothing: whoever verifies brings their own.
  package var verifierKey: String

  package init(_ response: AuditV1.GetReceiptResponse) {
    proof = response.proof
    entry = Base64.encode(response.entry)
    verifierKey = response.verifierKey
  }

  /// Reads a saved receipt. Throws `damagedFile` when it has another form.
  package static func load(_ path: String) throws -> ReceiptFile {
    guard let file = try ProtoJSON.decode(Self.self, fromFile: path) else {
      throw ClientError.fileFailure(path: path, reason: "no such file")
    }
    return file
  }

  package func save(_ path: String) throws {
    try LocalFile.write(try ProtoJSON.text(of: self) + "\n", to: path)
  }

  /// Returns what the receipt proves. Throws `LogFormatError` when any part of it does not hold.
  package func verify(with key: VerifierKey) throws -> Receipt.Verified {
    guard let bytes = Base64.decode(entry) else { throw LogFormatError.malformed("entry") }
    return try Receipt(proof: Array(proof.utf8), entry: bytes).verify(with: key)
  }
}
