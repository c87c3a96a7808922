import Crypto
package import Model

/// A proof that stands by itself (c2sp.org/tlog-proof): where an entry is, the way from it to the
/// root, and the signed checkpoint with that root.
package struct LogProof: Sendable, Hashable {
  private static let header = "c2sp.org/tlog-proof@v1\n"

  package let index: Int
  /// From the leaf's sibling up.
  package let hashes: [Digest]
  /// The published checkpoint, byte for byte.
  package let checkpoint: String

  package init(index: Int, hashes: [Digest], checkpoint: String) {
    self.index = index
    self.hashes = hashes
    self.checkpoint = checkpoint
  }

  /// Reads a proof. Opaque extra data, which nothing authenticates, is skipped.
  /// - Throws: `LogFormatError.malformed`.
  package init(_ bytes: some Collection<UInt8>) throws {
    var scanner = TextScanner(Array(bytes)[...])
    guard scanner.skip(Self.header) else { throw LogFormatError.malformed("proof header") }
    if scanner.skip("extra ") {
      guard let extra = scanner.line(), extra.count <= LogLimits.extraBytes * 4 / 3 + 4,
        StrictBase64.decode(String(decoding: extra, as: UTF8.self)) != nil
      else { throw LogFormatError.malformed("extra data") }
    }
    guard scanner.skip("index "), let index = scanner.line().flatMap({ Decimal.parse($0) }) else {
      throw LogFormatError.malformed("index")
    }
    var hashes: [Digest] = []
    while let line = scanner.line(), !line.isEmpty {
      guard hashes.count < LogLimits.proofHashes, let hash = Digest(base64: line) else {
        throw LogFormatError.malformed("proof hash")
      }
      hashes.append(hash)
    }
    guard let checkpoint = String(validating: scanner.remaining, as: UTF8.self) else {
      throw LogFormatError.malformed("checkpoint")
    }
    self.init(index: index, hashes: hashes, checkpoint: checkpoint)
  }
}

extension LogProof: CustomStringConvertible {
  /// The proof as it is written to a file.
  package var description: String {
    let lines = hashes.map { $0.withBytes { StrictBase64.encode($0) } + "\n" }
    return "\(Self.header)index \(index)\n\(lines.joined())\n\(checkpoint)"
  }
}
