import Crypto

/// One signature line of a note.
package struct NoteSignature: Sendable, Hashable {
  package let name: String
  /// Four bytes.
  package let keyID: [UInt8]
  package let signature: [UInt8]
}

/// A text with signatures (c2sp.org/signed-note). The text must not be believed before
/// `verify(with:)` has returned.
package struct SignedNote: Sendable, Hashable {
  private static let mark = "\u{2014} "

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
    var scanner = TextScanner(bytes[(blank + 1)...])
    var signatures: [NoteSignature] = []
    while !scanner.isAtEnd {
      guard signatures.count < LogLimits.signatures, scanner.skip(Self.mark),
        let line = scanner.line(), let signature = NoteSignature(line)
      else { throw LogFormatError.malformed("signature line") }
      signatures.append(signature)
    }
    guard !signatures.isEmpty else { throw LogFormatError.malformed("note without a signature") }
    self.signatures = signatures
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
    let lines = signatures.map {
      "\(Self.mark)\($0.name) \(StrictBase64.encode($0.keyID + $0.signature))\n"
    }
    return "\(text)\n\(lines.joined())"
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
