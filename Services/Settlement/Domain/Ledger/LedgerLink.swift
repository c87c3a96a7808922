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
    var hasher = SHA256()
    hasher.update("ndx-ledger-link-v1\n".utf8)
    hasher.update(previous.bytes)
    hasher.update(entries)
    digest = hasher.finalize()
  }

  /// Appends the encoding of an entry.
  package static func append(_ entry: LedgerEntry, to bytes: inout [UInt8]) {
    let transfer = entry.transfer
    append(entry.sequence, to: &bytes)
    append(transfer.id, to: &bytes)
    bytes.append(UInt8(truncatingIfNeeded: transfer.kind.rawValue))
    append(transfer.debitAccountID, to: &bytes)
    append(transfer.creditAccountID, to: &bytes)
    append(transfer.amount, to: &bytes)
    transfer.currency.append(to: &bytes)
    append(transfer.holdID, to: &bytes)
    append(transfer.timeoutSeconds, to: &bytes)
    bytes.append(transfer.isLinked ? 1 : 0)
    append(transfer.orderID, to: &bytes)
    append(transfer.windowID, to: &bytes)
    append(entry.createTime.microseconds, to: &bytes)
  }

  private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  private static func append<Entity>(_ id: Identifier<Entity>?, to bytes: inout [UInt8]) {
    append(id?.high ?? 0, to: &bytes)
    append(id?.low ?? 0, to: &bytes)
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
