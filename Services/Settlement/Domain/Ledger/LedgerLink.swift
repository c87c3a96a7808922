import Crypto
package import Model

/// A recorded transfer in its place in the ledger.
package struct LedgerEntry: Sendable, Hashable {
  /// Its place, from 1 and without gaps.
  package let sequence: Int64
  /// With accounts, currency and amount filled in.
  package let transfer: Transfer
  package let createTime: Timestamp

  package init(sequence: Int64, transfer: Transfer, createTime: Timestamp) {
    self.sequence = sequence
    self.transfer = transfer
    self.createTime = createTime
  }
}

/// One link of the ledger's journal: what one commit added, chained to everything before it, so
/// that no transfer can be altered unseen once the link is in the audit log.
///
/// The digest is SHA-256 over `ndx-ledger-link-v1\n`, the previous digest (32 zero bytes before the
/// first) and each transfer in 129 bytes, numbers big-endian, absent ids as zeros: sequence 8, id 16,
/// kind 1, debit 16, credit 16, amount 8, currency 3, hold 16, timeout 4, linked 1, order 16,
/// window 16, time in microseconds 8.
///
/// Version 2 begins with `ndx-ledger-link-v2\n`, and the transfers are followed by each record (a copy of a row of
/// another table of the ledger) since the link before: its number, NUL, table and row, NUL, what was in it, LF.
package struct LedgerLink: Sendable, Hashable {
  /// What comes before the first link.
  package static let genesis = Digest.zero

  package let digest: Digest

  /// Bytes of one transfer.
  package static let entryBytes = 129

  package init(after previous: Digest, entries: some Sequence<LedgerEntry>) {
    var bytes: [UInt8] = []
    for entry in entries { Self.append(entry, to: &bytes) }
    self.init(after: previous, encoded: bytes)
  }

  /// The same for entries that were encoded before.
  package init(after previous: Digest, encoded entries: [UInt8]) {
    var link = LedgerLinkDigest(after: previous, version: 1)
    link.add(entries)
    self = link.finish()
  }

  fileprivate init(_ digest: Digest) { self.digest = digest }

  /// Appends the encoding of an entry.
  package static func append(_ entry: LedgerEntry, to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(byteCount: entryBytes, alignment: 8) { buffer in
      var place = 0
      func put(_ value: some FixedWidthInteger) {
        buffer.storeBytes(of: value.bigEndian, toByteOffset: place, as: type(of: value))
        place += value.bitWidth / 8
      }
      func put<Entity>(_ id: Identifier<Entity>?) {
        put(id?.high ?? 0)
        put(id?.low ?? 0)
      }
      let transfer = entry.transfer
      put(entry.sequence)
      put(transfer.id)
      put(UInt8(truncatingIfNeeded: transfer.kind.rawValue))
      put(transfer.debitAccountID)
      put(transfer.creditAccountID)
      put(transfer.amount)
      let letters = transfer.currency.letters
      put(letters.0)
      put(letters.1)
      put(letters.2)
      put(transfer.holdID)
      put(transfer.timeoutSeconds)
      put(UInt8(transfer.isLinked ? 1 : 0))
      put(transfer.orderID)
      put(transfer.windowID)
      put(entry.createTime.microseconds)
      bytes.append(contentsOf: buffer)
    }
  }
}

/// Makes a link piece by piece, and the seals of the pieces: of what was altered they tell which piece it is, while
/// the digest tells that something was.
package struct LedgerLinkDigest {
  private var hasher = SHA256()
  private let isSealed: Bool
  package private(set) var seals: [UInt8] = []

  package init(after previous: Digest, version: Int) {
    isSealed = version > 1
    hasher.update("ndx-ledger-link-v\(version)\n".utf8)
    hasher.update(previous.bytes)
  }

  /// Adds bytes that have no seal of their own.
  package mutating func add(_ bytes: [UInt8]) { hasher.update(bytes) }

  /// Adds pieces of one length, or a single one.
  package mutating func add(_ bytes: [UInt8], each length: Int) {
    hasher.update(bytes)
    guard isSealed else { return }
    seals.reserveCapacity(seals.count + bytes.count / max(length, 1) * 4)
    bytes.withUnsafeBytes { buffer in
      for start in stride(from: 0, to: buffer.count, by: max(length, 1)) {
        let end = min(start + length, buffer.count)
        let seal = Self.seal(UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
        withUnsafeBytes(of: seal.bigEndian) { seals.append(contentsOf: $0) }
      }
    }
  }

  package func finish() -> LedgerLink { LedgerLink(hasher.finalize()) }

  /// FNV-1a in words of eight bytes, folded to four.
  private static func seal(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var hash: UInt64 = 14_695_981_039_346_656_037
    var offset = 0
    while offset + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      hash = (hash ^ word) &* 1_099_511_628_211
      hash ^= hash >> 29
      offset += 8
    }
    for byte in bytes[offset...] { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }
}

extension Digest {
  static let zero: Digest = {
    guard let digest = Digest(bytes: [UInt8](repeating: 0, count: 32)) else {
      preconditionFailure("a digest has 32 bytes")
    }
    return digest
  }()
}
