import Model
import SettlementDomain
import Testing

struct TransferShapeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let kind: TransferKind
    let field: String
    let spoil: @Sendable (inout SettlementV1.Transfer) -> Void

    var testDescription: String { "\(kind): \(field)" }
  }

  static let cases: [Case] = [
    Case(kind: .post, field: "id") { $0.id = nil },
    Case(kind: .post, field: "id") { $0.id = TransferID(high: 0, low: 0) },
    Case(kind: .post, field: "kind") { $0.kind = .unspecified },
    Case(kind: .post, field: "debit_account_id") { $0.debitAccountID = nil },
    Case(kind: .post, field: "credit_account_id") {
      $0.creditAccountID = AccountID(high: 0, low: 0)
    },
    Case(kind: .post, field: "amount") { $0.amount = 0 },
    Case(kind: .hold, field: "amount") { $0.amount = Money.limit + 1 },
    Case(kind: .capture, field: "amount") { $0.amount = -1 },
    Case(kind: .release, field: "amount") { $0.amount = 1 },
    Case(kind: .post, field: "currency_code") { $0.currencyCode = "" },
    Case(kind: .post, field: "currency_code") { $0.currencyCode = "XXX" },
    Case(kind: .capture, field: "currency_code") { $0.currencyCode = "ABC" },
    Case(kind: .post, field: "hold_id") { $0.holdID = LedgerScenario.holdID },
    Case(kind: .capture, field: "hold_id") { $0.holdID = nil },
    Case(kind: .post, field: "timeout_seconds") { $0.timeoutSeconds = 5 },
    Case(kind: .hold, field: "timeout_seconds") { $0.timeoutSeconds = -5 },
  ]

  @Test(arguments: cases) func malformedFieldIsNamed(_ example: Case) {
    var scenario = LedgerScenario(example.kind)
    example.spoil(&scenario.message)
    #expect(scenario.run() == TransferResult(.shapeInvalid, field: example.field))
  }

  @Test func largestAmountIsAccepted() {
    var scenario = LedgerScenario(.post)
    scenario.debit.counters.creditsPosted = Money.limit
    scenario.message.amount = Money.limit
    #expect(scenario.run() == TransferResult(.ok))
  }
}
