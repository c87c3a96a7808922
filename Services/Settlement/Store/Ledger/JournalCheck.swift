import GRDB
import Model
import ServiceRuntime
import SettlementDomain

/// Makes the links of the journal again, transfer by transfer and record by record.
struct JournalCheck {
  private let journal: JournalTable
  private var previous = LedgerLink.genesis
  private var lastRecord: Int64 = 0
  private var link: JournalTable.Link?
  private var digest: LedgerLinkDigest?
  private var nextTransfer: Int64 = 1
  /// The transfer after the one that was added last.
  private var next: Int64?
  /// Transfers of the link that do not have their seal: they were altered, or the seals were. The digest tells.
  private var unsealed: [(number: Int64, id: TransferID?)] = []

  init(_ db: Database) { journal = JournalTable(db) }

  mutating func add(_ entry: LedgerEntry, _ verifier: inout LedgerVerifier) throws {
    var bytes: [UInt8] = []
    LedgerLink.append(entry, to: &bytes)
    try add(entry.sequence, bytes, entry.transfer.id, &verifier)
  }

  /// A transfer that cannot be read: its link will not fit.
  mutating func skip(_ number: Int64, _ verifier: inout LedgerVerifier) throws {
    let unreadable = [UInt8](repeating: 0, count: LedgerLink.entryBytes)
    try add(number, unreadable, nil, &verifier)
  }

  private mutating func add(
    _ number: Int64, _ bytes: [UInt8], _ id: TransferID?, _ verifier: inout LedgerVerifier
  ) throws {
    next = number &+ 1
    if digest == nil { try open(&verifier) }
    guard let link, digest != nil else {
      return verifier.report("transfer", row: number, transfer: id, "has no link in the journal")
    }
    digest?.add(bytes, each: LedgerLink.entryBytes)
    if let seals = link.seals, let made = digest?.seals.suffix(4),
      !Self.holds(seals, at: number &- link.firstTransfer, made)
    {
      unsealed.append((number, id))
    }
    if number >= link.lastTransfer { try close(link, &verifier) }
  }

  private mutating func open(_ verifier: inout LedgerVerifier) throws {
    guard let next = try journal.next(after: link?.number ?? 0) else { return }
    if next.number != (link?.number ?? 0) &+ 1 || next.firstTransfer != nextTransfer {
      verifier.report("journal", row: next.number, "does not go on where the link before it ended")
    }
    link = next
    digest = LedgerLinkDigest(after: previous, version: next.seals == nil ? 1 : 2)
  }

  private mutating func close(
    _ link: JournalTable.Link, _ verifier: inout LedgerVerifier
  ) throws {
    var records: [Int64] = []
    if let seals = link.seals {
      records = try addRecords(of: link, seals, &verifier)
      lastRecord = link.lastRecord
    }
    if digest?.finish().digest == link.digest {
      if let seals = link.seals, seals != digest?.seals {
        verifier.report("journal", row: link.number, "does not have the seals of its transfers")
      }
    } else {
      verifier.report("journal", row: link.number, "does not fit its transfers")
      for (number, id) in unsealed {
        verifier.report("transfer", row: number, transfer: id, "is not as its link has it")
      }
      for number in records {
        verifier.report("ledger_record", row: number, "is not as its link has it")
      }
    }
    unsealed = []
    previous = link.digest
    nextTransfer = link.lastTransfer &+ 1
    digest = nil
  }

  /// Adds the records that a link covers, and finds those that are missing.
  /// - Returns: those that do not have their seal.
  private mutating func addRecords(
    of link: JournalTable.Link, _ seals: [UInt8], _ verifier: inout LedgerVerifier
  ) throws -> [Int64] {
    let firstSeal = link.lastTransfer &- link.firstTransfer &- lastRecord
    var expected = lastRecord &+ 1
    var unsealed: [Int64] = []
    try journal.records(after: lastRecord, through: link.lastRecord) { number, bytes in
      digest?.add(bytes, each: bytes.count)
      let made: ArraySlice<UInt8> = digest?.seals.suffix(4) ?? []
      Self.pass(number, expected, &verifier)
      if !Self.holds(seals, at: firstSeal &+ number, made) { unsealed.append(number) }
      expected = number &+ 1
    }
    if expected <= link.lastRecord {
      verifier.reportMissing("ledger_record", expected...link.lastRecord)
    }
    return unsealed
  }

  mutating func finish(_ verifier: inout LedgerVerifier) throws {
    var expected = lastRecord &+ 1
    try journal.records(after: lastRecord, through: .max) { number, _ in
      Self.pass(number, expected, &verifier)
      expected = number &+ 1
    }
    if digest != nil, let link {
      verifier.report("journal", row: link.number, "has lost the last of its transfers")
      if let next, next <= link.lastTransfer {
        verifier.reportMissing("transfer", next...link.lastTransfer)
      }
    }
    while let rest = try journal.next(after: link?.number ?? 0) {
      verifier.report("journal", row: rest.number, "has no transfers")
      if rest.firstTransfer <= rest.lastTransfer {
        verifier.reportMissing("transfer", rest.firstTransfer...rest.lastTransfer)
      }
      link = rest
    }
  }

  /// Finds the records that are missing before one.
  private static func pass(
    _ number: Int64, _ expected: Int64, _ verifier: inout LedgerVerifier
  ) {
    guard number > expected else { return }
    verifier.reportMissing("ledger_record", expected...(number - 1))
    verifier.report("ledger_record", row: number, "stands where \(expected) was expected")
  }

  private static func holds(_ seals: [UInt8], at index: Int64, _ seal: ArraySlice<UInt8>) -> Bool {
    guard index >= 0, index < Int64(seals.count / 4) else { return false }
    let start = Int(index) * 4
    return seals[start..<start + 4].elementsEqual(seal)
  }
}
