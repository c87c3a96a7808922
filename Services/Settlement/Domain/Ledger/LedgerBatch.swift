package import Model

/// Runs a batch of transfers over the part of the ledger that was loaded for it.
package enum LedgerBatch {
  /// Most transfers of one call.
  package static let limit = 8190

  /// The result of each transfer, in order. What was accepted and refused is left in `ledger`.
  /// Transfers joined by `linked` stand or fall together; the others do not touch each other.
  package static func run(
    _ batch: [SettlementV1.Transfer], on ledger: inout LedgerState, at now: Timestamp
  ) -> [TransferResult] {
    var results: [TransferResult] = []
    results.reserveCapacity(batch.count)
    ledger.reserve(batch.count)
    var start = 0
    while start < batch.count {
      let end = batch[start...].firstIndex { !$0.linked } ?? batch.count
      let isOpen = end == batch.count
      let chain = batch[start..<min(end + 1, batch.count)]
      if chain.count == 1, !isOpen {
        results.append(submit(batch[start], to: &ledger, at: now))
      } else {
        results += submit(chain: chain, isOpen: isOpen, to: &ledger, at: now)
      }
      start += chain.count
    }
    return results
  }

  /// Check 1 for the members of a chain, then the others for each.
  private static func submit(
    chain: ArraySlice<SettlementV1.Transfer>, isOpen: Bool, to ledger: inout LedgerState,
    at now: Timestamp
  ) -> [TransferResult] {
    var results = chain.map { _ in TransferResult(.linkedFailed) }
    if isOpen {
      results[results.count - 1] = TransferResult(.chainOpen)
      return results
    }
    let mark = ledger.mark
    var successes: [TransferResult] = []
    for (position, message) in chain.enumerated() {
      let result = submit(message, to: &ledger, at: now)
      guard result.outcome.isSuccess else {
        ledger.rollBack(to: mark)
        results[position] = result
        return results
      }
      successes.append(result)
    }
    return successes
  }

  private static func submit(
    _ message: SettlementV1.Transfer, to ledger: inout LedgerState, at now: Timestamp
  ) -> TransferResult {
    let transfer: Transfer
    do {
      transfer = try TransferShape.check(message)
    } catch {
      return TransferResult(.shapeInvalid, field: error.field)
    }
    switch TransferRule.decide(transfer, in: ledger, at: now) {
    case .replay(let result): return result
    case .refuse(let outcome):
      ledger.refuse(transfer, outcome, at: now)
      return TransferResult(outcome)
    case .accept(let accepted):
      ledger.record(transfer, accepted, at: now)
      return TransferResult(.ok)
    }
  }
}
