import Crypto
package import Model

/// The hashes of RFC 6962, section 2.1: leaves and nodes are hashed with different prefixes, so
/// that neither can pass for the other.
package enum MerkleHash {
  /// The root of a log without entries: SHA-256 of nothing.
  package static let empty = Digest.sha256(of: EmptyCollection<UInt8>())

  /// SHA-256(00 ‖ entry).
  package static func leaf(_ entry: some Collection<UInt8>) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: entry.count + 1, alignment: 1) { buffer in
      buffer[0] = 0
      UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyBytes(from: entry)
      return Digest.sha256(of: UnsafeRawBufferPointer(buffer))
    }
  }

  /// SHA-256(01 ‖ left ‖ right).
  package static func node(_ left: Digest, _ right: Digest) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
      buffer[0] = 1
      left.withBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: $0) }
      right.withBytes {
        UnsafeMutableRawBufferPointer(rebasing: buffer[33...]).copyMemory(from: $0)
      }
      return Digest.sha256(of: UnsafeRawBufferPointer(buffer))
    }
  }

  /// The root of a perfect tree over `hashes`, whose count must be a power of two.
  package static func perfectRoot(_ hashes: some Collection<Digest>) -> Digest {
    precondition(hashes.count.nonzeroBitCount == 1, "a perfect tree has a power of two of leaves")
    var row = Array(hashes)
    while row.count > 1 {
      row = stride(from: 0, to: row.count, by: 2).map { node(row[$0], row[$0 + 1]) }
    }
    return row[0]
  }
}
