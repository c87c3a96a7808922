package import ServiceRuntime

/// All steps of the schema of settlement's database.
package enum SettlementSchema {
  package static let migrations: [Migration] = [
    .idempotency, .outbox,
    Migration("accounts, transfers, holds and the journal", sql: LedgerSchema.sql),
    Migration("orders, agreements, grants, receipts and payouts", sql: OrderSchema.sql),
    Migration("books, and lists of transfers without an index", sql: LedgerBooksSchema.sql),
    Migration("balance history", sql: HistorySchema.sql),
    Migration("clearing windows, members, positions and payments", sql: ClearingSchema.windows),
    Migration("tax rules and the prices of orders", sql: PricingSchema.sql),
    Migration("disputes, suspensions and the changes of orders", sql: DisputeSchema.sql),
    Migration("copies of what the ledger wrote", sql: RecordSchema.sql),
    Migration("files for banks and lines of their reports", sql: ClearingSchema.files),
    Migration("partitions, and money between them", sql: PartitionSchema.sql),
    Migration("records of usage and meters", sql: UsageSchema.sql),
    Migration("consents of orders", sql: ConsentSchema.sql),
    Migration("renewals of subscriptions", sql: RenewalSchema.sql),
    Migration("transfers without looks at their accounts", sql: TransferRowsSchema.sql),
    Migration("payouts by account", sql: ConsentSchema.dividends),
    Migration("refunds of what was paid out", sql: RefundSchema.sql),
    Migration("counters apart from their accounts", sql: BalanceSchema.sql),
    Migration("invoices and credit notes", sql: InvoiceSchema.sql),
    Migration("payments of orders in the outbox", sql: PaymentEvents.index),
    .outboxProof,
    Migration("ends of clearing windows in the outbox", sql: PaymentEvents.closings),
  ]
}
