import Crypto
import Model
import RPC
import ServiceRuntime
import SettlementDomain

extension AuditEvent {
  /// What happened to an order.
  init(_ kind: String, _ order: Order, _ payload: [String: String] = [:]) {
    let terms = order.terms
    var described = [
      "state": order.state.name, "revision": terms.revisionID.description,
      "manifest_sha256": terms.manifestSHA256.hex, "purpose": terms.purpose,
      "price": terms.price?.description ?? "free",
    ]
    if let tax = terms.tax {
      described["tax"] = "\(tax.amount)"
      described["tax_rule"] = tax.ruleVersion.map { "\($0)" } ?? "none"
    }
    for (index, consent) in terms.consents.enumerated() {
      described["consent_\(index)"] = consent.id.description
    }
    if !order.endReason.isEmpty { described["reason"] = order.endReason }
    for (index, payout) in order.payouts.enumerated() {
      described["payout_\(index)"] =
        "\(payout.beneficiary.protoName ?? "") \(payout.amount) \(payout.accountID)"
    }
    self.init(
      kind: kind,
      subjects: [
        "order/\(order.id)", "participant/\(terms.consumerID)", "participant/\(terms.providerID)",
        "product/\(terms.productID)", "offer/\(terms.offerID)",
      ],
      payload: described.merging(payload) { _, given in given })
  }

  /// A clearing officer changed an account.
  init(_ kind: String, _ account: Account, because reason: String) {
    var subjects = ["account/\(account.id)"]
    if let owner = account.ownerID { subjects.append("participant/\(owner)") }
    self.init(
      kind: kind, subjects: subjects,
      payload: [
        "state": account.state.name, "net_debit_cap": "\(account.netDebitCap)", "reason": reason,
      ])
  }

  /// One side said something in a dispute: the log keeps the digests, not the words.
  init(_ kind: String, _ order: Order, statement: DisputeStatement, by actor: String) {
    var payload = [
      "by": actor, "text_sha256": Digest.sha256(of: Array(statement.text.utf8)).hex,
      "blocked_by": order.blockedBy(at: statement.createTime),
    ]
    for (index, digest) in statement.evidence.enumerated() {
      payload["evidence_\(index)"] = digest.hex
    }
    self.init(kind, order, payload)
  }

  /// Somebody changed an agreement.
  init(
    _ kind: String, _ order: Order, agreementBy caller: ParticipantCaller, because reason: String
  ) {
    self.init(
      kind, order,
      [
        "agreement": order.agreement?.id.description ?? "",
        "by": "participant/\(caller.participantID)", "reason": reason,
      ])
  }

  /// An account was opened.
  init(opened account: Account) {
    var subjects = ["account/\(account.id)"]
    if let owner = account.ownerID { subjects.append("participant/\(owner)") }
    self.init(
      kind: "account.opened", subjects: subjects,
      payload: [
        "kind": "\(account.kind)", "currency": account.currency.code,
        "environment": account.environment.protoName ?? "",
      ])
  }
}
