import Client
import Foundation
import Model
import RPC
import Stubs
import TestSupport
import Testing
import TransparencyLog

/// `ndx audit trace` tells the story of a real order, the attempts that were denied too.
@Suite(.serialized) struct TraceCommandTests {
  @Test(.timeLimit(.minutes(3)))
  func theStoryOfAnOrderIsToldInOrderWithEveryStepProven() async throws {
    let market = try await Market.open()
    let ndx = market.exchange.ndx
    let id = market.order.id.description
    let early = try await ndx.run(["order", "accept", id, "--profile", "company"])
    #expect(early.exitCode == 1, "nothing has been delivered: \(early.standardError)")
    try await ndx(
      "order", "fund", id, "--account", market.account.description, "--profile", "company")
    try await ndx(
      "fetch", id, "--to", "\(market.exchange.directory)/delivered", "--profile", "company")
    try await untilReachable {
      let state = try await market.company.orders.getOrder(.init(orderID: market.order.id)).order
      guard state.state == .delivered else {
        throw RPCStatus(code: .unavailable, message: "the receipt is on its way")
      }
    }
    try await ndx("order", "accept", id, "--profile", "company")
    try await theTimeline(of: "order/\(id)", market)
    try await acrossServices(market)
    await market.close()
  }

  private func trace(_ subject: String, _ market: Market, _ more: String...) async throws -> String
  {
    let output = try await market.exchange.ndx.run(
      ["audit", "trace", subject, "--profile", "company"] + more)
    #expect(output.exitCode == 0, "\(output.standardError)")
    return output.standardOutput + output.standardError
  }

  private func theTimeline(of subject: String, _ market: Market) async throws {
    // The outbox delivers soon after the answer.
    try await untilReachable {
      let answer = try await market.company.log.traceSubject(.init(pageSize: 100, subject: subject))
      guard answer.steps.contains(where: { $0.entry.kind == "order.settled" }) else {
        throw RPCStatus(code: .unavailable, message: "events are on their way")
      }
    }
    let answer = try await market.company.log.traceSubject(.init(pageSize: 100, subject: subject))
    // By hand, with the receipt's verification and nothing of the command.
    let key = try VerifierKey(try await market.company.log.getCheckpoint(.init()).verifierKey)
    let entries = answer.steps.map(\.entry)
    for entry in entries {
      let receipt = try await market.company.log.getReceipt(.init(target: .index(entry.index)))
      let verified = try Receipt(proof: receipt.proof.utf8, entry: receipt.entry).verify(with: key)
      #expect(verified.index == Int(entry.index) && verified.entry.kind == entry.kind)
    }
    #expect(entries.map(\.index) == entries.map(\.index).sorted())

    let english = try await trace(subject, market, "--language", "en")
    let vietnamese = try await trace(subject, market, "--language", "vi")
    #expect(english.contains("\(entries.count) steps proven against the log of size"))
    #expect(vietnamese.contains("Đã chứng minh \(entries.count) bước trong nhật ký cỡ"))
    let lines = english.split(separator: "\n").filter { $0.contains("  settlement #") }
    try #require(lines.count == entries.count)
    for (line, entry) in zip(lines, entries) {
      let outcome = entry.outcome == .accepted ? "accepted" : "refused"
      let traceID = String(entry.traceparent.split(separator: "-")[1])
      for part in ["\(entry.producer) #\(entry.producerSequence)", entry.kind, outcome, traceID] {
        #expect(line.contains(part), "\(line)")
      }
    }
    let kinds = entries.filter { $0.outcome == .accepted }.map(\.kind)
    for pair in zip(Self.story, Self.story.dropFirst()) {
      let places = (kinds.firstIndex(of: pair.0), kinds.firstIndex(of: pair.1))
      let (first, second) = (try #require(places.0), try #require(places.1))
      #expect(first < second, "\(kinds)")
    }
    let denied = entries.filter { $0.outcome == .refused }.map(\.kind)
    #expect(denied == ["order.accept_delivery"])
    #expect(vietnamese.contains("từ chối") && vietnamese.contains("chấp nhận"))
    let page = try JSONDecoder().decode(
      AuditV1.TraceSubjectResponse.self,
      from: Data(
        try await market.exchange.ndx(
          "audit", "trace", subject, "--profile", "company", "--output", "json"
        ).utf8))
    #expect(page.steps.map(\.entry.eventID) == entries.map(\.eventID))
  }

  private static let story = ["order.placed", "order.funded", "order.delivered", "order.settled"]

  /// Who the company is, what it bought and what of: each by another service.
  private func acrossServices(_ market: Market) async throws {
    let subject = "participant/\(market.company.profile.participantID)"
    let text = try await trace(subject, market, "--language", "en")
    for step in ["identity #", "participant.approved", "settlement #", "order.placed"] {
      #expect(text.contains(step), "\(text)")
    }
  }
}
