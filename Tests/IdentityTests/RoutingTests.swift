import IdentityDomain
import Model
import RPC
import Stubs
import Testing

@Suite(.timeLimit(.minutes(2))) struct RoutingTests {
  private static func table(_ texts: String...) throws -> [IdentityV1.Partition] {
    try texts.enumerated().map { index, text in
      var partition = try #require(IdentityV1.Partition(text))
      partition.addresses = ["settlement-\(index).example:7403"]
      return partition
    }
  }

  @Test func tableIsSetByVersionAndComesWithTheTrustBundle() async throws {
    let exchange = try await IdentityExchange()
    let registrar = try await exchange.staff("registrar-1")
    let routing = RoutingServiceClient(registrar.channel)
    let bundles = CredentialServiceClient(registrar.channel)
    let before = try await bundles.getTrustBundle(IdentityV1.GetTrustBundleRequest())
    #expect(before.routing == IdentityV1.RoutingTable())
    let partitions = try Self.table("p1:VND/live/000-7ff,USD/live", "p2:VND/live/800-fff")
    let request = IdentityV1.SetRoutingTableRequest(
      requestID: registrar.requestID(), version: 0, partitions: partitions)
    let set = try await routing.setRoutingTable(request)
    #expect(set.routing.version == 1 && set.routing.partitions == partitions)
    let again = try await routing.setRoutingTable(request)
    #expect(again.replayed && again.routing == set.routing)
    let after = try await bundles.getTrustBundle(IdentityV1.GetTrustBundleRequest())
    #expect(after.routing == set.routing)
    let stale = IdentityV1.SetRoutingTableRequest(
      requestID: registrar.requestID(), version: 0, partitions: partitions)
    #expect(
      try await refusal { try await routing.setRoutingTable(stale) } == "ROUTING_VERSION_STALE")
    let auditor = try await exchange.staff("auditor")
    let forbidden = IdentityV1.SetRoutingTableRequest(
      requestID: auditor.requestID(), version: 1, partitions: partitions)
    #expect(
      try await refusal {
        try await RoutingServiceClient(auditor.channel).setRoutingTable(forbidden)
      } == "ROLE_REQUIRED")
    for party in [registrar, auditor] { await party.close() }
    await exchange.stop()
  }

  @Test func unsoundTablesAreRefused() throws {
    let cases: [([String], String)] = [
      (["p1:VND/live/000-7ff"], "PARTITIONS_LEAVE_GAP"),
      (["p1:VND/live/001-fff"], "PARTITIONS_LEAVE_GAP"),
      (["p1:VND/live/000-3ff", "p2:VND/live/401-fff"], "PARTITIONS_LEAVE_GAP"),
      (["p1:VND/live/000-800", "p2:VND/live/800-fff"], "PARTITIONS_OVERLAP"),
      (["p1:VND/live", "p2:VND/live"], "PARTITIONS_OVERLAP"),
      (["p1:VND/live", "p1:USD/live"], "PARTITION_NAME_NOT_USABLE"),
    ]
    for (texts, reason) in cases {
      let partitions = texts.compactMap { IdentityV1.Partition($0) }
      #expect(partitions.count == texts.count)
      let error = #expect(throws: IdentityError.self) { try RoutingRule.check(partitions) }
      #expect(error?.reason == reason, "\(texts)")
    }
    let unknown = IdentityV1.Partition(
      name: "p1", scopes: [IdentityV1.PartitionScope(currencyCode: "XYZ", environment: .live)])
    let error = #expect(throws: IdentityError.self) { try RoutingRule.check([unknown]) }
    #expect(error?.reason == "PARTITION_SCOPE_INVALID")
    try RoutingRule.check(
      ["p1:VND/live/000-7ff,VND/sandbox", "p2:VND/live/800-fff"].compactMap {
        IdentityV1.Partition($0)
      })
    try RoutingRule.check([])
  }
}
