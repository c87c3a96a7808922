import Client
import Foundation
import Model
import RPC
import Stubs
import TestSupport
import Testing

/// What somebody tried and was not allowed is in the log, whichever service refused it.
@Suite(.serialized) struct DeniedAttemptTests {
  private struct Attempt {
    let kind: String
    let subject: String
    let actor: String
    let reason: String
  }

  @Test(.timeLimit(.minutes(3)))
  func whatEachServiceHasDeniedIsFoundByOutcomeAndInTheTrace() async throws {
    let market = try await Market.open()
    let attempts = try await attempts(market)
    for attempt in attempts {
      let entry = try await denied(attempt, market)
      #expect(entry.outcome == .refused && entry.actor == attempt.actor, "\(entry)")
      let payload = String(decoding: entry.payload, as: UTF8.self)
      #expect(payload.contains("\"reason\":\"\(attempt.reason)\""), "\(payload)")
      let steps = try await proven(entry, of: attempt.subject, market)
      #expect(steps.map(\.entry.index) == steps.map(\.entry.index).sorted())
    }
    // What was done is not among what was denied, and the other way round.
    let accepted = try await market.auditor.log.listEntries(
      .init(pageSize: 100, subject: attempts[0].subject, outcome: .accepted)
    ).entries
    #expect(!accepted.isEmpty && accepted.allSatisfy { $0.outcome == .accepted })
    // Who was refused finds it; a stranger to it does not.
    let order = "order/\(market.order.id)"
    let own = try await market.company.log.listEntries(
      .init(pageSize: 100, subject: order, outcome: .refused)
    ).entries
    #expect(own.contains { $0.kind == "order.issue_grant" })
    let foreign = try await market.ministry.log.listEntries(
      .init(
        pageSize: 100, actor: "participant/\(market.company.profile.participantID)",
        outcome: .refused)
    ).entries
    #expect(foreign.isEmpty)
    await market.close()
  }

  /// One denied attempt at each service, and at grants.
  private func attempts(_ market: Market) async throws -> [Attempt] {
    let registrar = try await market.exchange.connection("registrar-1")
    let company = market.company.profile.participantID
    let order = market.order.id
    var attempts: [Attempt] = []
    func expect(
      _ kind: String, _ subject: String, by connection: ExchangeConnection,
      _ call: () async throws -> Void
    ) async throws {
      do {
        try await call()
        Issue.record("\(kind) was not denied")
      } catch let status as RPCStatus {
        attempts.append(
          Attempt(
            kind: kind, subject: subject,
            actor: "participant/\(connection.profile.participantID)",
            reason: try #require(status.details?.reason)))
      }
    }
    try await expect(
      "participant.approve_participant", "participant/\(company)", by: registrar
    ) {
      _ = try await registrar.participants.approveParticipant(
        .init(requestID: Market.request, participantID: company))
    }
    try await expect("offer.revise_offer", "offer/\(market.offer.id)", by: market.ministry) {
      _ = try await market.ministry.offers.reviseOffer(
        .init(requestID: Market.request, offerID: market.offer.id, etag: "0-0", terms: Market.terms)
      )
    }
    try await expect("order.accept_delivery", "order/\(order)", by: market.company) {
      _ = try await market.company.orders.acceptDelivery(
        .init(requestID: Market.request, orderID: order))
    }
    try await expect("order.issue_grant", "order/\(order)", by: market.company) {
      _ = try await market.company.orders.issueGrant(
        .init(requestID: Market.request, orderID: order))
    }
    try await expect("order.issue_grant", "order/\(order)", by: market.stranger) {
      _ = try await market.stranger.orders.issueGrant(
        .init(requestID: Market.request, orderID: order))
    }
    await registrar.close()
    return attempts
  }

  /// The story of a subject, once a signed checkpoint covers the entry.
  private func proven(
    _ entry: AuditV1.Entry, of subject: String, _ market: Market
  ) async throws -> [AuditV1.ProvenEntry] {
    try await untilReachable {
      let steps = try await market.auditor.log.traceSubject(
        .init(pageSize: 100, subject: subject)
      ).steps
      let isProven = steps.contains {
        $0.entry.eventID == entry.eventID && !$0.proof.isEmpty
      }
      guard isProven else {
        throw RPCStatus(code: .unavailable, message: "a checkpoint is on its way")
      }
      return steps
    }
  }

  /// The entry of an attempt, once its service has told the log.
  private func denied(_ attempt: Attempt, _ market: Market) async throws -> AuditV1.Entry {
    try await untilReachable {
      let found = try await market.auditor.log.listEntries(
        .init(
          pageSize: 100, subject: attempt.subject, actor: attempt.actor, kind: attempt.kind,
          outcome: .refused)
      ).entries
      guard let entry = found.first else {
        throw RPCStatus(code: .unavailable, message: "the event is on its way")
      }
      return entry
    }
  }
}
