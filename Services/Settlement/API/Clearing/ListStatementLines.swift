import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  func listStatementLines(
    _ request: SettlementV1.ListStatementLinesRequest, _ context: CallContext
  ) async throws -> SettlementV1.ListStatementLinesResponse {
    let page = try PageQuery(
      request, scope: ["\(request.unmatchedOnly)", "\(request.environment.rawValue)"])
    let environment = request.environment == .unspecified ? nil : request.environment
    try ledger.partitions.require(nil, environment)
    let fetched = try await transactor.database.read {
      try LineTable($0).list(
        unmatchedOnly: request.unmatchedOnly, environment, after: page.afterNumber,
        limit: page.fetchCount)
    }
    let (items, token) = page.page(fetched) { PageQuery.key($0.number) }
    return SettlementV1.ListStatementLinesResponse(
      lines: items.map { line in
        SettlementV1.StatementLine(
          statementID: line.messageID, format: line.kind, entryReference: line.reference,
          endToEndID: line.endToEndID, amount: line.amount, currencyCode: line.currencyCode,
          direction: SettlementV1.LegDirection(rawValue: line.direction),
          outcome: SettlementV1.LineOutcome(rawValue: line.outcome),
          reason: SettlementV1.UnmatchedReason(rawValue: line.reason), bankStatus: line.statusText,
          environment: line.environment, windowID: line.windowID, importTime: line.importTime)
      }, nextPageToken: token)
  }
}
