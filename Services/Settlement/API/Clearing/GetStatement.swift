import GRDB
import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func getStatement(
    _ request: SettlementV1.GetStatementRequest, _ context: CallContext
  ) async throws -> SettlementV1.GetStatementResponse {
    let viewer = try context.viewer()
    try ledger.partitions.require(viewer)
    let language = context.language
    let statement = try await transactor.database.read { [ledger] db in
      guard let account = try AccountTable(db).find(request.accountID)?.account,
        viewer.sees(account)
      else { throw ledger.partitions.unknown(.accountNotFound(request.accountID)) }
      return try Self.statement(account, request, db)
    }
    let text = request.format == .csv ? statement.csv(language) : statement.text(language)
    return SettlementV1.GetStatementResponse(
      content: Array(text.utf8), openingBalance: statement.openingBalance,
      closingBalance: statement.closingBalance, transfers: Int32(statement.entries.count))
  }

  /// Everything from the beginning of the range to now is read: what came after it, taken off the
  /// balance of today, gives the balance at its end.
  private static func statement(
    _ account: Account, _ request: SettlementV1.GetStatementRequest, _ db: Database
  ) throws -> AccountStatement {
    var position: Int64 = 0
    var last = Int64.max
    if let id = request.windowID {
      guard let window = try WindowTable(db).find(id)?.window,
        window.key.currency == account.currency, window.key.environment == account.environment
      else { throw SettlementError.clearing(.windowNotFound) }
      guard let end = window.lastTransfer else { throw SettlementError.clearing(.windowOpen) }
      (position, last) = (window.firstTransfer - 1, end)
    }
    let isWindow = request.windowID != nil
    let start = isWindow ? nil : request.startTime
    let end = isWindow ? nil : request.endTime
    var entries: [LedgerEntry] = []
    var since: Int64 = 0
    while true {
      let page = try TransferChain(db).list(
        account: account.id, from: start, until: nil, after: position, limit: 1_000)
      for entry in page {
        let effect = AccountStatement.effect(entry, on: account.id)
        since += effect
        let isIn = entry.sequence <= last && (end.map { entry.createTime < $0 } ?? true)
        if isIn, effect != 0 { entries.append(entry) }
      }
      guard entries.count <= AccountStatement.limit else {
        throw SettlementError.clearing(.statementTooLong)
      }
      guard page.count == 1_000, let next = page.last?.sequence else { break }
      position = next
    }
    return AccountStatement(
      account: account, window: request.windowID, start: start, end: end,
      openingBalance: account.balance - since, entries: entries)
  }
}
