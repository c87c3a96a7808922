package import ServiceRuntime

/// All steps of the schema of settlement's database.
package enum SettlementSchema {
  package static let migrations: [Migration] = [
    .idempotency, .outbox,
    Migration("accounts, transfers, holds and the journal", sql: LedgerSchema.sql),
    Migration("orders, agreements, grants, receipts and payouts", sql: OrderSchema.sql),
    Migration("balance history and net debit caps", apply: HistorySchema.apply),
  ]
}
