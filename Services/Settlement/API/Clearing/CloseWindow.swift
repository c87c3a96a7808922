import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  /// Most of the window is added up before the transaction, from a snapshot: transfers never change,
  /// and what came since is added within it. So closing holds up the writer for moments only.
  func closeWindow(
    _ request: SettlementV1.CloseWindowRequest, _ context: CallContext
  ) async throws -> SettlementV1.CloseWindowResponse {
    guard let currency = Currency(request.currencyCode),
      let model = SettlementModel(rawValue: request.model.rawValue)
    else { throw SettlementError.clearing(.windowNotFound) }
    let key = WindowKey(currency: currency, environment: request.environment, model: model)
    try ledger.partitions.require(currency, request.environment, nil)
    let early = try await transactor.database.read { try PartialSums(key, $0) }
    return try await transactor.mutate(request, context) { [self] transaction in
      var stored = try Clearing.openWindow(key, transaction)
      transaction.concerns("window/\(stored.window.id)")
      if let id = request.windowID, id != stored.window.id {
        throw SettlementError.clearing(.notTheOpenWindow)
      }
      let last = try TransferTable(transaction.db).lastNumber()
      let sums = try early.completed(stored.window, through: last, transaction.db)
      let legs: [Leg]
      do {
        let snapshot = try PositionSnapshot(
          Array(sums.values), of: stored.window.id, key, first: stored.window.firstTransfer,
          last: last)
        try PositionTable(transaction.db).insert(snapshot, of: stored)
        legs = try openLegs(snapshot, stored.window, transaction)
        try stored.window.close(
          lastTransfer: last, digest: snapshot.digest, legs: LegSummary(legs), at: transaction.now)
      } catch let rule as ClearingRule {
        throw SettlementError.clearing(rule)
      }
      let clearing = Clearing(ledger, transaction)
      try clearing.save(stored.window, "window.closed")
      if stored.window.state == .settled {
        try transaction.emit(AuditEvent("window.settled", stored.window))
      }
      let next = try Clearing.open(key, after: last, transaction)
      return SettlementV1.CloseWindowResponse(
        window: SettlementV1.Window(stored.window, legs),
        nextWindow: SettlementV1.Window(next.window, []))
    }
  }

  /// The payments of a window. What is to be paid out is set aside if it is there; if not, starting
  /// settlement tries again.
  private func openLegs(
    _ snapshot: PositionSnapshot, _ window: ClearingWindow, _ transaction: Transaction
  ) throws -> [Leg] {
    guard window.key.model == .net else { return [] }
    let table = LegTable(transaction.db)
    let members = try MemberTable(transaction.db).accounts(
      window.key.currency, window.key.environment)
    var legs: [Leg] = []
    for position in snapshot.positions {
      guard let member = members[position.accountID],
        var leg = Leg(settling: position, of: member, in: window.id)
      else { continue }
      _ = try Clearing(ledger, transaction).reserve(&leg, window.key)
      try table.insert(leg, window.key.environment)
      legs.append(leg)
    }
    return legs
  }
}

/// What a window sums to up to a transfer, read before its end is known.
private struct PartialSums: Sendable {
  private let windowID: WindowID?
  private let mark: Int64
  private let sums: [AccountID: Position]

  init(_ key: WindowKey, _ db: Database) throws {
    let window = try WindowTable(db).open(key)?.window
    windowID = window?.id
    guard let window else {
      mark = 0
      sums = [:]
      return
    }
    mark = try TransferTable(db).lastNumber()
    sums = try PositionTable(db).sums(key, from: window.firstTransfer, through: mark)
  }

  /// The sums of the whole window.
  func completed(
    _ window: ClearingWindow, through last: Int64, _ db: Database
  ) throws -> [AccountID: Position] {
    guard windowID == window.id else {
      return try PositionTable(db).sums(window.key, from: window.firstTransfer, through: last)
    }
    let rest = try PositionTable(db).sums(
      window.key, from: max(mark + 1, window.firstTransfer), through: last)
    return sums.merging(rest) { early, late in
      Position(
        accountID: early.accountID, debits: early.debits + late.debits,
        credits: early.credits + late.credits)
    }
  }
}
