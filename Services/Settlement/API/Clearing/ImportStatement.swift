import Model
import RPC
import ServiceRuntime
import SettlementDomain
import SettlementStore

extension ClearingHandler {
  /// - Throws: `SettlementError.report`, with line and element, when the file cannot be read: then nothing
  ///   of it is kept.
  func importStatement(
    _ request: SettlementV1.ImportStatementRequest, _ context: CallContext
  ) async throws -> SettlementV1.ImportStatementResponse {
    try ledger.partitions.require(request.environment)
    let report: BankReport
    do {
      report = try BankReport(request.content)
    } catch {
      throw SettlementError.report(error)
    }
    return try await transactor.mutate(request, context) { [self] transaction in
      var importer = StatementImporter(
        report: report, environment: request.environment, ledger: ledger, transaction)
      try importer.run()
      try transaction.emit(
        AuditEvent(
          kind: "statement.imported", subjects: importer.windows.map { "window/\($0)" },
          payload: [
            "message": report.messageID, "format": report.kind.rawValue,
            "matched": "\(importer.matched)", "rejected": "\(importer.rejected)",
            "unmatched": "\(importer.unmatched)", "skipped": "\(importer.skipped)",
          ]))
      let windows = try importer.windows.compactMap { id in
        try WindowTable(transaction.db).find(id).map {
          SettlementV1.Window($0.window, try LegTable(transaction.db).all(of: id))
        }
      }
      let isNew = importer.matched + importer.rejected + importer.unmatched + importer.other > 0
      return SettlementV1.ImportStatementResponse(
        statementID: report.messageID, format: report.kind.rawValue, known: !isNew,
        matched: importer.matched, rejected: importer.rejected, unmatched: importer.unmatched,
        skipped: importer.skipped, windows: windows)
    }
  }
}

/// Works through the lines of a report within one transaction. Every line is kept, whatever becomes of it.
private struct StatementImporter {
  let report: BankReport
  let environment: TypeV1.Environment
  private let clearing: Clearing
  private let transaction: Transaction
  private(set) var matched: Int32 = 0
  private(set) var rejected: Int32 = 0
  private(set) var unmatched: Int32 = 0
  private(set) var skipped: Int32 = 0
  private(set) var other: Int32 = 0
  /// Windows that changed, in order; at most 60, as an audit event takes no more subjects.
  private(set) var windows: [WindowID] = []

  init(
    report: BankReport, environment: TypeV1.Environment, ledger: Ledger,
    _ transaction: Transaction
  ) {
    self.report = report
    self.environment = environment
    self.transaction = transaction
    clearing = Clearing(ledger, transaction)
  }

  mutating func run() throws {
    for line in report.lines {
      for line in try expanded(line) { try take(line) }
    }
  }

  /// A status of a whole file is one of each payment in it.
  private func expanded(_ line: BankLine) throws -> [BankLine] {
    guard line.endToEndID.isEmpty, !line.originalMessageID.isEmpty else { return [line] }
    let references = try FileTable(transaction.db).references(line.originalMessageID)
    guard !references.isEmpty else { return [line] }
    return references.map { reference in
      var single = line
      single.endToEndID = reference
      return single
    }
  }

  private mutating func take(_ line: BankLine) throws {
    let lines = LineTable(transaction.db)
    guard try !lines.isKnown(line, of: report, environment) else {
      skipped += 1
      return
    }
    var leg = try LegTable(transaction.db).find(endToEndID: line.endToEndID)
    let window = try leg.map { try clearing.load($0.windowID) }
    let verdict = try apply(line, &leg, window)
    switch verdict {
    case .matched: matched += 1
    case .rejected: rejected += 1
    case .unmatched: unmatched += 1
    case .repeated, .noted: other += 1
    }
    let isOwn = window?.window.key.environment == environment
    try lines.insert(
      line, of: report, environment, verdict, isOwn ? leg?.windowID : nil, at: transaction.now)
  }

  private mutating func apply(
    _ line: BankLine, _ leg: inout Leg?, _ window: (window: ClearingWindow, legs: LegSummary)?
  ) throws -> LineVerdict {
    let verdict = LineVerdict.judge(
      line, leg, window.map { ($0.window, $0.legs) }, in: environment)
    guard var changed = leg, var (moved, _) = window else { return verdict }
    switch verdict {
    case .matched:
      do {
        try clearing.finish(&changed, of: &moved, line.proof)
      } catch SettlementError.payment {
        // The account is frozen, say: the line waits among the unmatched for an officer.
        return .unmatched(.notExpected)
      }
    case .rejected:
      changed.setBack(because: line.statusText)
      try LegTable(transaction.db).update(changed)
      try transaction.emit(
        AuditEvent(
          "window.payment_rejected", moved,
          ["participant": changed.memberID.description, "bank_status": line.statusText]))
    case .repeated, .noted, .unmatched: return verdict
    }
    if !windows.contains(moved.id), windows.count < 60 { windows.append(moved.id) }
    leg = changed
    return verdict
  }
}
