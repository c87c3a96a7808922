import Model
import SettlementDomain
import Testing

struct AccountRuleTests {
  private static let owner = ParticipantID(high: 1, low: 1)
  private static let sound = SettlementV1.Account(
    id: AccountID(high: 1, low: 2), ownerID: owner, currencyCode: "VND", environment: .live,
    kind: .participant)

  struct Case: Sendable, CustomTestStringConvertible {
    let reason: String
    let field: String
    var opener = AccountRule.Opener.exchange
    let spoil: @Sendable (inout SettlementV1.Account) -> Void

    var testDescription: String { "\(reason) \(field)" }
  }

  private static let participant = AccountRule.Opener.participant(owner, .live)

  static let cases: [Case] = [
    Case(reason: "SHAPE_INVALID", field: "id") { $0.id = AccountID(high: 0, low: 0) },
    Case(reason: "CURRENCY_UNKNOWN", field: "currency_code") { $0.currencyCode = "ABC" },
    Case(reason: "SHAPE_INVALID", field: "environment") { $0.environment = .unspecified },
    Case(reason: "SHAPE_INVALID", field: "kind") { $0.kind = .unspecified },
    Case(reason: "KIND_NOT_ALLOWED", field: "kind", opener: participant) { $0.kind = .escrow },
    Case(reason: "OWNER_NOT_CALLER", field: "owner_id", opener: participant) {
      $0.ownerID = ParticipantID(high: 1, low: 9)
    },
    Case(reason: "ENVIRONMENT_MISMATCH", field: "environment", opener: participant) {
      $0.environment = .sandbox
    },
    Case(reason: "OWNER_MISMATCH", field: "owner_id") { $0.ownerID = nil },
    Case(reason: "OWNER_MISMATCH", field: "owner_id") { $0.kind = .escrow },
    Case(reason: "OVERDRAFT_NOT_ALLOWED", field: "overdraft_allowed", opener: participant) {
      ($0.overdraftAllowed, $0.netDebitCap) = (true, 100)
    },
    Case(reason: "OVERDRAFT_NOT_ALLOWED", field: "overdraft_allowed") {
      ($0.kind, $0.ownerID, $0.overdraftAllowed) = (.escrow, nil, true)
    },
    Case(reason: "CAP_REQUIRED", field: "net_debit_cap") { $0.overdraftAllowed = true },
    Case(reason: "CAP_WITHOUT_OVERDRAFT", field: "net_debit_cap") { $0.netDebitCap = 1 },
    Case(reason: "SET_BY_LEDGER", field: "credits_posted") { $0.creditsPosted = 1_000_000 },
    Case(reason: "SET_BY_LEDGER", field: "state") { $0.state = .open },
  ]

  @Test(arguments: cases) func refusalNamesReasonAndField(_ example: Case) {
    var message = Self.sound
    example.spoil(&message)
    let refusal = #expect(throws: AccountRule.Refusal.self) {
      try AccountRule.check(message, by: example.opener, at: TradeSamples.now)
    }
    #expect(refusal?.reason == example.reason)
    #expect(refusal?.field == example.field)
  }

  @Test func officerLetsAParticipantOweUpToACap() throws {
    var message = Self.sound
    (message.overdraftAllowed, message.netDebitCap, message.history) = (true, 500, true)
    let account = try AccountRule.check(message, by: .exchange, at: TradeSamples.now)
    #expect(account.netDebitCap == 500 && account.history)
  }

  @Test func participantOpensItsOwn() throws {
    let account = try AccountRule.check(Self.sound, by: Self.participant, at: TradeSamples.now)
    #expect(account.ownerID == Self.owner)
    #expect(account.counters == Counters())
  }
}
