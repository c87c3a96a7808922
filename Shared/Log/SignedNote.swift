import Crypto

/// One signature line of a note.
package struct NoteSignature: Sendable, Hashable {
  fileprivate static let mark = "\u{2014} "

  package let name: String
  /// Four bytes.
  package let keyID: [UInt8]
  package let signature: [UInt8]

  package init(name: String, keyID: [UInt8], signature: [UInt8]) {
    self.name = name
    self.keyID = keyID
    self.signature = signature
  }

  /// Reads signature lines and nothing else, at most `LogLimits.signatures`.
  /// - Throws: `LogFormatError.malformed`.
  package static func lines(_ bytes: some Collection<UInt8>) throws -> [NoteSignature] {
    let bytes = Array(bytes)
    guard bytes.count <= LogLimits.noteBytes, String(validating: bytes, as: UTF8.self) != nil else {
      throw LogFormatError.malformed("signature line")
    }
    var scanner = TextScanner(bytes[...])
    var signatures: [NoteSignature] = []
    while !scanner.isAtEnd {
      guard signatures.count < LogLimits.signatures, scanner.skip(mark),
        let line = scanner.line(), let signature = NoteSignature(line)
      else { throw LogFormatError.malformed("signature line") }
      signatures.append(signature)
    }
    return signatures
  }
}

extension NoteSignature: CustomStringConvertible {
  /// The line, with its newline.
  package var description: String {
    "\(Self.mark)\(name) \(StrictBase64.encode(keyID + signature))\n"
  }
}

/// A text with signatures (c2sp.org/signed-note). The text must not be believed before
/// `verify(with:)` has returned.
package struct SignedNote: Sendable, Hashable {
  /// Ends in a newline.
  package let text: String
  package let signatures: [NoteSignature]

  init(text: String, signatures: [NoteSignature]) {
    self.text = text
    self.signatures = signatures
  }

  /// Reads a note. Throws `LogFormatError.malformed` when it is not valid UTF-8, has control
  /// characters, no blank line before the signatures, a broken signature line, or is too long.
  package init(_ bytes: some Collection<UInt8>) throws {
    let bytes = Array(bytes)
    guard bytes.count <= LogLimits.noteBytes,
      bytes.allSatisfy({ $0 >= 0x20 || $0 == UInt8(ascii: "\n") }),
      String(validating: bytes, as: UTF8.self) != nil,
      let blank = bytes.indices.dropFirst().last(where: {
        bytes[$0] == UInt8(ascii: "\n") && bytes[$0 - 1] == UInt8(ascii: "\n")
      })
    else { throw LogFormatError.malformed("note") }
    text = String(decoding: bytes[..<blank], as: UTF8.self)
    let signatures = try NoteSignature.lines(bytes[(blank + 1)...])
    guard !signatures.isEmpty else { throw LogFormatError.malformed("note without a signature") }
    self.signatures = signatures
  }

  /// The same note with further signatures; those that are on it already are not repeated.
  package func adding(_ others: some Sequence<NoteSignature>) -> SignedNote {
    var all = signatures
    for other in others where !all.contains(other) { all.append(other) }
    return SignedNote(text: text, signatures: all)
  }

  /// Returns when `key` has signed the text. Signatures of other keys are ignored.
  /// - Throws: `LogFormatError.notSigned`, `.invalidSignature`.
  package func verify(with key: VerifierKey) throws {
    let own = signatures.filter {
      $0.keyID == key.id && $0.name.utf8.elementsEqual(key.name.utf8)
    }
    guard !own.isEmpty else { throw LogFormatError.notSigned(by: key.name) }
    let bytes = Array(text.utf8)
    guard own.allSatisfy({ key.publicKey.isValid(signature: $0.signature, for: bytes) }) else {
      throw LogFormatError.invalidSignature(of: key.name)
    }
  }
}

extension SignedNote: CustomStringConvertible {
  /// The note as it is published.
  package var description: String {
    "\(text)\n\(signatures.map(\.description).joined())"
  }
}

extension NoteSignature {
  /// Reads what follows the dash: a key's name, a space and base64.
  fileprivate init?(_ line: ArraySlice<UInt8>) {
    let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let name = String(decoding: parts[0], as: UTF8.self)
    guard VerifierKey.isValid(name: name),
      let bytes = StrictBase64.decode(String(decoding: parts[1], as: UTF8.self)), bytes.count > 4
    else { return nil }
    self.init(name: name, keyID: Array(bytes.prefix(4)), signature: Array(bytes.dropFirst(4)))
  }
}
