/// How long an order may stay in each state, in seconds.
package struct OrderDeadlines: Sendable, Hashable {
  /// AWAITING_FUNDS; then the order expires.
  package var fundingSeconds: Int64
  /// ESCROWED and DELIVERING together; then the money goes back.
  package var deliverySeconds: Int64
  /// DELIVERED; then the order settles by itself.
  package var acceptanceSeconds: Int64
  /// For the provider to answer an objection; then the money goes back.
  package var answerSeconds: Int64
  /// For the consumer to reply to the answer; then the arbiter decides without.
  package var replySeconds: Int64
  /// For the arbiter; then the order settles.
  package var decisionSeconds: Int64
  /// Life of the agreement, from when the order is paid (or placed, when free).
  package var agreementSeconds: Int64

  /// For the provider to report usage after a period has closed; then it is charged.
  package var reportSeconds: Int64
  /// Of subscriptions that renew.
  package var renewal: RenewalSchedule

  package init(
    fundingSeconds: Int64 = 24 * 3600, deliverySeconds: Int64 = 7 * 86_400,
    acceptanceSeconds: Int64 = 72 * 3600, agreementSeconds: Int64 = 30 * 86_400,
    answerSeconds: Int64 = 5 * 86_400, replySeconds: Int64 = 3 * 86_400,
    decisionSeconds: Int64 = 15 * 86_400, reportSeconds: Int64 = 86_400,
    renewal: RenewalSchedule = RenewalSchedule()
  ) {
    self.fundingSeconds = fundingSeconds
    self.deliverySeconds = deliverySeconds
    self.acceptanceSeconds = acceptanceSeconds
    self.agreementSeconds = agreementSeconds
    self.answerSeconds = answerSeconds
    self.replySeconds = replySeconds
    self.decisionSeconds = decisionSeconds
    self.reportSeconds = reportSeconds
    self.renewal = renewal
  }

  package static let standard = OrderDeadlines()
}
