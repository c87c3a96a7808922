import AuditAPI
import Model
import RPC
import ServiceLifecycle
import ServiceRuntime
import Stubs
import TestSupport
import Testing
import TransparencyLog

/// The story of one subject across services, over real TLS, each step with its proof.
@Suite(.timeLimit(.minutes(2))) struct TraceTests {
  private struct Scene {
    let service: TestService<AuditService>
    let buyer: TestCaller
    let provider: TestCaller
    let stranger: TestCaller

    var buyerName: String { "participant/\(buyer.participantID)" }
    var providerName: String { "participant/\(provider.participantID)" }

    /// A story of three producers, in the order in which the log gets it.
    var story: [(producer: String, event: AuditV1.Event)] {
      var refused = event(2, "order.fund_order", [order, buyerName])
      refused.outcome = .refused
      return [
        ("catalog", event(1, "product.published", [product, providerName], by: providerName)),
        ("identity", event(1, "consent.given", [consent, providerName, buyerName])),
        ("settlement", event(1, "order.placed", [order, product, consent, buyerName])),
        ("settlement", refused),
        ("settlement", event(3, "order.placed", ["order/2", "participant/else"], by: "else")),
        ("catalog", event(2, "product.revised", [product, providerName], by: providerName)),
        ("identity", event(2, "consent.revoked", [consent, providerName, buyerName])),
        ("settlement", event(4, "order.settled", [order, buyerName, providerName])),
      ]
    }

    let order = "order/1"
    let product = "product/1"
    let consent = "consent/1"

    private func event(
      _ sequence: Int64, _ kind: String, _ subjects: [String], by actor: String? = nil
    ) -> AuditV1.Event {
      Events.event(
        sequence, kind: kind, actor: actor ?? buyerName, subjects: subjects,
        payload: "{\"kind\":\"\(kind)\"}")
    }

    /// All steps, two on a page, each proven; believes no more than the key.
    func trace(
      _ subject: String, as caller: TestCaller
    ) async throws -> [AuditV1.ProvenEntry] {
      let channel = try service.channel(as: caller)
      let log = LogServiceClient(channel)
      let key = try VerifierKey(try await log.getCheckpoint(.init()).verifierKey)
      var steps: [AuditV1.ProvenEntry] = []
      var token = ""
      repeat {
        let page = try await log.traceSubject(
          .init(pageSize: 2, pageToken: token, subject: subject))
        let checkpoint = try Checkpoint.verified(page.checkpoint.utf8, with: key)
        for step in page.steps {
          #expect(
            ProofVerification.inclusion(
              of: MerkleHash.leaf(step.entry.body), at: Int(step.entry.index),
              size: checkpoint.size, root: checkpoint.root, proof: step.proof))
          try expectWhole(step.entry)
        }
        #expect(page.steps.count <= 2)
        steps += page.steps
        token = page.nextPageToken
      } while !token.isEmpty
      await channel.close()
      return steps
    }

    /// What stands beside the entry is what the entry says and commits to.
    private func expectWhole(_ entry: AuditV1.Entry) throws {
      let body = try EntryBody(entry.body)
      #expect(body.kind == entry.kind && body.producer == entry.producer)
      #expect(body.isAccepted == (entry.outcome == .accepted))
      #expect(!entry.traceparent.isEmpty && body.traceparent == entry.traceparent)
      let details = EntryDetails(
        actor: entry.actor, subjects: entry.subjects, payload: entry.payload)
      #expect(details.commitment(salt: entry.payloadSalt) == body.detailsHash)
    }
  }

  private func withScene(_ body: (Scene) async throws -> Void) async throws {
    let service = try await TestService(
      AuditService.self, settings: ["checkpoint-interval-milliseconds": "10"])
    let signer = try #require(service.parts.services.first)
    let signing = Task { try await signer.run() }
    let scene = Scene(
      service: service, buyer: try service.authority.caller(),
      provider: try service.authority.caller(), stranger: try service.authority.caller())
    for (producer, event) in scene.story {
      let channel = try service.channel(asService: producer)
      let log = LogServiceClient(channel)
      let index = try await log.appendEntries(.init(events: [event])).receipts[0].index
      _ = try await log.getReceipt(.init(target: .index(index)))
      await channel.close()
    }
    try await body(scene)
    signing.cancel()
    _ = await signing.result
    await service.shutdown()
  }

  @Test func aTraceIsTheWholeStoryInOrderAcrossServices() async throws {
    try await withScene { scene in
      let auditor = try scene.service.authority.caller([.auditor])
      let subjects = [
        scene.order, scene.product, scene.consent, scene.buyerName, scene.providerName,
      ]
      for subject in subjects {
        let expected = scene.story.enumerated().filter {
          $0.element.event.subjects.contains(subject) || $0.element.event.actor == subject
        }
        let steps = try await scene.trace(subject, as: auditor)
        #expect(steps.map(\.entry.index) == expected.map { Int64($0.offset) }, "\(subject)")
        #expect(steps.map(\.entry.kind) == expected.map(\.element.event.kind))
        #expect(steps.map(\.entry.producer) == expected.map(\.element.producer))
        #expect(steps.map(\.entry.payload) == expected.map(\.element.event.payload))
      }
      let order = try await scene.trace(scene.order, as: auditor)
      #expect(order.map(\.entry.outcome) == [.accepted, .refused, .accepted])
      #expect(try await scene.trace("order/none", as: auditor).isEmpty)
    }
  }

  @Test func aParticipantTracesItsOwnStepsAlone() async throws {
    try await withScene { scene in
      let buyers = try await scene.trace(scene.product, as: scene.buyer)
      #expect(buyers.map(\.entry.kind) == ["order.placed"])
      let providers = try await scene.trace(scene.product, as: scene.provider)
      #expect(providers.map(\.entry.kind) == ["product.published", "product.revised"])
      let denied = try await scene.trace(scene.order, as: scene.buyer)
      #expect(denied.map(\.entry.outcome) == [.accepted, .refused, .accepted])
      for subject in [scene.order, scene.product, scene.consent, scene.buyerName] {
        #expect(try await scene.trace(subject, as: scene.stranger).isEmpty)
      }
    }
  }
}
