import Crypto
package import Model

/// What a log says of itself at one size (c2sp.org/tlog-checkpoint).
package struct Checkpoint: Sendable, Hashable {
  /// Which log it is; also the name of its key.
  package let origin: String
  /// Entries in the log.
  package let size: Int
  /// The RFC 6962 root of those entries.
  package let root: Digest

  package init(origin: String, size: Int, root: Digest) {
    self.origin = origin
    self.size = size
    self.root = root
  }

  /// Reads a note's text. Extension lines, which this log does not write, are skipped.
  /// - Throws: `LogFormatError.malformed`.
  package init(text: String) throws {
    var scanner = TextScanner(Array(text.utf8)[...])
    guard let origin = scanner.line(), !origin.isEmpty,
      let size = scanner.line().flatMap({ Decimal.parse($0) }),
      let root = scanner.line().flatMap({ Digest(base64: $0) })
    else { throw LogFormatError.malformed("checkpoint") }
    while !scanner.isAtEnd {
      guard let line = scanner.line(), !line.isEmpty else {
        throw LogFormatError.malformed("checkpoint extension")
      }
    }
    self.init(origin: String(decoding: origin, as: UTF8.self), size: size, root: root)
  }

  /// Reads a published checkpoint and returns it once `key`, which must be of the same name as the
  /// log, has signed it.
  /// - Throws: `LogFormatError`.
  package static func verified(
    _ note: some Collection<UInt8>, with key: VerifierKey
  ) throws -> Checkpoint {
    let note = try SignedNote(note)
    try note.verify(with: key)
    let checkpoint = try Checkpoint(text: note.text)
    guard checkpoint.origin.utf8.elementsEqual(key.name.utf8) else {
      throw LogFormatError.foreignOrigin(checkpoint.origin)
    }
    return checkpoint
  }

  /// The text that is signed.
  package var text: String {
    "\(origin)\n\(size)\n\(root.withBytes { StrictBase64.encode($0) })\n"
  }
}

extension Digest {
  /// Reads the padded base64 of 32 bytes; nil for anything else.
  init?(base64 text: some Collection<UInt8>) {
    guard let bytes = StrictBase64.decode(String(decoding: Array(text), as: UTF8.self)) else {
      return nil
    }
    self.init(bytes: bytes)
  }
}
