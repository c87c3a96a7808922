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
  private var uncovered: Int64 = 0

  init(_ db: Database) { journal = JournalTable(db) }

  mutating func add(_ entry: LedgerEntry, _ verifier: inout LedgerVerifier) throws {
    var bytes: [UInt8] = []
    LedgerLink.append(entry, to: &bytes)
    try add(entry.sequence, bytes, entry.transfer.id, &verifier)
  }

  /// A transfer that cannot be read: its link will not fit.
  mutating func skip(_ number: Int64, _ verifier: inout LedgerVerifier) throws {
    try add(number, [], nil, &verifier)
  }

  private mutating func add(
    _ number: Int64, _ bytes: [UInt8], _ id: TransferID?, _ verifier: inout LedgerVerifier
  ) throws {
    if digest == nil { try open(&verifier) }
    guard let link, digest != nil else {
      uncovered += 1
      return
    }
    digest?.add(bytes, each: LedgerLink.entryBytes)
    if let seals = link.seals, let made = digest?.seals.suffix(4),
      !Self.holds(seals, at: number - link.firstTransfer, made)
    {
      verifier.report("transfer", row: number, transfer: id, "is not as its link has it")
    }
    if number >= link.lastTransfer { try close(link, &verifier) }
  }

  private mutating func open(_ verifier: inout LedgerVerifier) throws {
    guard let next = try journal.next(after: link?.number ?? 0) else {
      link = nil
      return
    }
    if next.number != (link?.number ?? 0) + 1 || next.firstTransfer != nextTransfer {
      verifier.report("journal", row: next.number, "does not go on where the link before it ended")
    }
    link = next
    digest = LedgerLinkDigest(after: previous, version: next.seals == nil ? 1 : 2)
  }

  private mutating func close(
    _ link: JournalTable.Link, _ verifier: inout LedgerVerifier
  ) throws {
    if let seals = link.seals {
      let transfers = link.lastTransfer - link.firstTransfer + 1
      var expected = lastRecord + 1
      var faults: [Int64] = []
      try journal.records(after: lastRecord, through: link.lastRecord) { number, bytes in
        digest?.add(bytes, each: bytes.count)
        let made: ArraySlice<UInt8> = digest?.seals.suffix(4) ?? []
        if number != expected || !Self.holds(seals, at: transfers + number - lastRecord - 1, made) {
          faults.append(number)
          if number != expected { faults.append(expected) }
        }
        expected = number + 1
      }
      if expected <= link.lastRecord { faults.append(expected) }
      for number in faults {
        verifier.report("ledger_record", row: number, "is not as its link has it")
      }
      lastRecord = link.lastRecord
      if digest?.seals != seals {
        verifier.report("journal", row: link.number, "does not have the seals of its transfers")
      }
    }
    if digest?.finish().digest != link.digest {
      verifier.report("journal", row: link.number, "does not fit its transfers")
    }
    previous = link.digest
    nextTransfer = link.lastTransfer + 1
    digest = nil
  }

  mutating func finish(_ verifier: inout LedgerVerifier) throws {
    if uncovered > 0 { verifier.report("", "\(uncovered) transfers have no link in the journal") }
    var expected = lastRecord + 1
    var missing: [Int64] = []
    try journal.records(after: lastRecord, through: .max) { number, _ in
      if number != expected { missing.append(expected) }
      expected = number + 1
    }
    for number in missing { verifier.report("ledger_record", row: number, "is missing") }
    if digest != nil, let link {
      verifier.report("journal", row: link.number, "has lost the last of its transfers")
    }
    if let link = try journal.next(after: link?.number ?? .max) {
      verifier.report("journal", row: link.number, "has no transfers")
    }
  }

  private static func holds(_ seals: [UInt8], at index: Int64, _ seal: ArraySlice<UInt8>) -> Bool {
    guard index >= 0, index < Int64(seals.count / 4) else { return false }
    let start = Int(index) * 4
    return seals[start..<start + 4].elementsEqual(seal)
  }
}
