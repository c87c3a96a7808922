import Crypto
import Model
import ServiceRuntime
import SettlementDomain

/// What an operator may set of settlement.
struct SettlementSettings {
  let deadlines: OrderDeadlines
  let grantSeconds: Int64
  let clearing: ClearingSettings
  /// What this instance owns of the exchange; nil for everything.
  let partition: IdentityV1.Partition?

  static let all: [Setting] =
    [
      Setting(
        "funding-seconds", default: "86400",
        help: "How long an order waits for its money, 1 to 31536000; then it expires."),
      Setting(
        "delivery-seconds", default: "604800",
        help: "How long a paid order waits for delivery, 1 to 31536000; then the money goes back."),
      Setting(
        "acceptance-seconds", default: "259200",
        help: "How long a delivery waits for acceptance, 1 to 31536000; then the order settles."),
      Setting(
        "agreement-seconds", default: "2592000",
        help: "Life of the right to fetch that an order creates, 1 to 315360000."),
      Setting(
        "pay-in-seconds", default: "86400",
        help: "How long a window waits for its pay-ins, 1 to 31536000; then it is aborted."),
      Setting(
        "answer-seconds", default: "432000",
        help:
          "How long a provider may answer an objection, 1 to 31536000; then the money goes back."),
      Setting(
        "reply-seconds", default: "259200",
        help: "How long a consumer may reply to the answer, 1 to 31536000."),
      Setting(
        "decision-seconds", default: "1296000",
        help: "How long an arbiter may take, 1 to 31536000; then the order settles."),
      Setting(
        "usage-report-seconds", default: "86400",
        help: "How long usage may be reported after its period, 1 to 31536000; then it is charged."),
      Setting(
        "renewal-lead-seconds", default: "3600",
        help: """
          How long before the end of a period a subscription is renewed, 0 to 31536000; at most half of \
          the period.
          """),
      Setting(
        "renewal-grace-seconds", default: "259200",
        help: """
          How long after the end of a period that could not be renewed the agreement lasts, 0 to 31536000; \
          at most one period.
          """),
      Setting(
        "renewal-retry-seconds", default: "21600",
        help: "How long after a renewal that was refused it is tried again, 1 to 31536000."),
      Setting("clearing-name", default: "", help: "Holder of the exchange's own bank account."),
      Setting("clearing-bic", default: "", help: "Its bank, by ISO 9362."),
      Setting("clearing-account", default: "", help: "The account: IBAN or the bank's own number."),
      Setting("grant-seconds", default: "300", help: "Life of a grant, 1 to 300."),
      Setting(
        "partition",
        help: """
          What this instance owns, as NAME:CURRENCY/ENVIRONMENT[/FIRST-LAST],…, such as \
          p1:VND/live/000-7ff,USD/live, where a range is one of the last three digits of payers' ids. \
          Everything, when absent.
          """),
    ] + PayoutWitness.settings

  init(_ configuration: ServiceConfiguration) throws(StartupError) {
    func seconds(
      _ name: String, from least: Int = 1, upTo limit: Int
    ) throws(StartupError) -> Int64 {
      Int64(try configuration.integer(name, in: least...limit))
    }
    deadlines = OrderDeadlines(
      fundingSeconds: try seconds("funding-seconds", upTo: 31_536_000),
      deliverySeconds: try seconds("delivery-seconds", upTo: 31_536_000),
      acceptanceSeconds: try seconds("acceptance-seconds", upTo: 31_536_000),
      agreementSeconds: try seconds("agreement-seconds", upTo: 315_360_000),
      answerSeconds: try seconds("answer-seconds", upTo: 31_536_000),
      replySeconds: try seconds("reply-seconds", upTo: 31_536_000),
      decisionSeconds: try seconds("decision-seconds", upTo: 31_536_000),
      reportSeconds: try seconds("usage-report-seconds", upTo: 31_536_000),
      renewal: RenewalSchedule(
        leadSeconds: try seconds("renewal-lead-seconds", from: 0, upTo: 31_536_000),
        graceSeconds: try seconds("renewal-grace-seconds", from: 0, upTo: 31_536_000),
        retrySeconds: try seconds("renewal-retry-seconds", upTo: 31_536_000)))
    clearing = ClearingSettings(
      payInSeconds: try seconds("pay-in-seconds", upTo: 31_536_000),
      bank: BankAccount(
        name: configuration.string("clearing-name") ?? "",
        bic: configuration.string("clearing-bic") ?? "",
        account: configuration.string("clearing-account") ?? ""))
    partition = try configuration.string("partition").map { text throws(StartupError) in
      guard let partition = IdentityV1.Partition(text) else {
        throw StartupError(
          .configuration, "partition must be NAME:CURRENCY/ENVIRONMENT[/FIRST-LAST],…, not \(text)")
      }
      return partition
    }
    grantSeconds = try seconds("grant-seconds", upTo: Int(DeliveryGrant.lifetimeSeconds))
  }
}
