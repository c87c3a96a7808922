import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension LedgerHandler {
  /// The whole batch is one part of one commit: its items are recorded or refused together with it.
  /// - Throws: `SettlementError.escrowReserved` when an officer would take money out of escrow, or out of the hold for an
  ///   order;
  ///   `ClearingRule.windowReserved` when a transfer names a clearing window.
  func submitTransfers(
    _ request: SettlementV1.SubmitTransfersRequest, _ context: CallContext
  ) async throws -> SettlementV1.SubmitTransfersResponse {
    try ledger.partitions.requireCurrencies(of: request.transfers)
    let (results, time) = try await transactor.decide(context) { [self] transaction in
      let kinds = try ledger.load(request.transfers, transaction)
      if case .participant = context.caller {
        if kinds.contains(.escrow) { try requireEscrowUntouched(request.transfers, transaction) }
        if kinds.contains(.inTransit) { try requireNoTransit(request.transfers, transaction) }
      }
      try Self.requireNoWindow(on: request.transfers, transaction)
      return (ledger.decide(request.transfers, transaction), transaction.now)
    }
    return SettlementV1.SubmitTransfersResponse(
      results: results.map { SettlementV1.TransferResult($0) }, commitTime: time)
  }

  /// Only clearing says that a transfer settles a window: netting leaves such transfers out.
  private static func requireNoWindow(
    on transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws {
    let windows = Set(transfers.lazy.compactMap(\.windowID))
    for id in windows {
      guard try WindowTable(transaction.db).find(id) == nil else {
        throw SettlementError.clearing(.windowReserved)
      }
    }
  }

  /// Only orders take money out of escrow: without their rules nobody could be paid any more.
  private func requireEscrowUntouched(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws {
    for debit in transfers.lazy.compactMap(\.debitAccountID) {
      guard try ledger.account(debit, transaction)?.kind != .escrow else {
        throw SettlementError.escrowReserved(debit)
      }
    }
    for hold in transfers.lazy.compactMap(\.holdID) {
      if let escrow = try OrderTable(transaction.db).escrow(of: hold) {
        throw SettlementError.escrowReserved(escrow)
      }
    }
  }

  /// Nor is money in transit between partitions anybody's to move.
  private func requireNoTransit(
    _ transfers: [SettlementV1.Transfer], _ transaction: Transaction
  ) throws {
    let transit = try PartitionTable(transaction.db).transitAccounts()
    for id in transfers.flatMap({ [$0.debitAccountID, $0.creditAccountID] }).compactMap(\.self) {
      guard !transit.contains(id) else {
        throw SettlementError.partition(.transitReserved(id))
      }
    }
  }
}
