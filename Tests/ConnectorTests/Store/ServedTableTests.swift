import ConnectorDomain
import ConnectorStore
import Crypto
import GRDB
import Model
import ServiceRuntime
import TestSupport
import Testing

/// What is booked, given back and counted, on real SQLite.
@Suite struct ServedTableTests {
  private let directory: TemporaryDirectory
  private let database: ServiceDatabase
  private let agreement = AgreementID.make(at: .earliest)
  private let file = ContentManifest.File(
    path: "a.csv", sizeBytes: 10 << 20, sha256: Digest.sha256(of: "a"))

  init() throws {
    directory = try TemporaryDirectory()
    database = try ServiceDatabase(
      at: directory.file("connector.sqlite"), service: "connector",
      migrations: ConnectorSchema.migrations)
  }

  private func allowance(_ quota: Int64, expires: Timestamp = .latest) -> Allowance {
    Allowance(
      DeliveryGrant(
        id: .make(at: .earliest), orderID: .make(at: .earliest), agreementID: agreement,
        revisionID: .make(at: .earliest), providerID: .make(at: .earliest),
        consumerID: .make(at: .earliest), quotaBytes: quota,
        certificateFingerprint: Digest.sha256(of: "c"), issuedAt: .earliest, expires: expires))
  }

  private func used(_ allowance: Allowance) async throws -> Int64? {
    try await database.read { db in
      try Int64.fetchOne(
        db, sql: "SELECT used_bytes FROM grant_usage WHERE grant_id = ?",
        arguments: [allowance.grantID])
    }
  }

  private func served() async throws -> [String: Int64] {
    let agreement = agreement
    return try await database.read { try ServedTable($0).servedBytes(under: agreement) }
  }

  @Test func whatWasBookedAndNotSentIsGivenBack() async throws {
    let (allowance, file) = (allowance(20 << 20), file)
    try await database.write { db in
      let table = ServedTable(db)
      let (id, stream) = try table.begin(allowance, file, from: 0)
      try table.end(id, stream, at: 1_000)
    }
    #expect(try await used(allowance) == 1_000)
    #expect(try await served() == ["a.csv": 1_000])
    #expect(
      try await database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM stream") } == 0)
  }

  @Test func streamsOfOneGrantShareItsQuota() async throws {
    let (allowance, file) = (allowance(6 << 20), file)
    let reserved = try await database.write { db in
      let table = ServedTable(db)
      return [
        try table.begin(allowance, file, from: 0).stream.reservedBytes,
        try table.begin(allowance, file, from: 0).stream.reservedBytes,
      ]
    }
    #expect(reserved == [4 << 20, 2 << 20])
    await #expect(throws: ConnectorError.quotaExceeded(quotaBytes: 6 << 20)) {
      try await database.write { try ServedTable($0).begin(allowance, file, from: 0).id }
    }
  }

  @Test func aRestartCountsBookedBytesAsSentAndForgetsOldGrants() async throws {
    let (live, old) = (allowance(20 << 20), allowance(20 << 20, expires: .earliest))
    let file = file
    let broken = try await database.write { db in
      let table = ServedTable(db)
      _ = try table.begin(live, file, from: 0)
      _ = try table.begin(old, file, from: 4 << 20)
      return try table.recover(at: Timestamp(microseconds: 0))
    }
    #expect(broken == 2)
    #expect(try await served() == ["a.csv": 8 << 20])
    #expect(try await used(live) == 4 << 20)
    #expect(try await used(old) == nil)
  }
}
