import Crypto
import Foundation
@testable import IdentityAPI
import IdentityDomain
import IdentityStore
import Logging
import Model
import ServiceRuntime
import TestSupport
import Testing

@Suite struct BootstrapTests {
  let directory: TemporaryDirectory
  let time = ManualTime()

  init() throws { directory = try TemporaryDirectory() }

  func configuration() async throws -> ServiceConfiguration {
    try await ServiceConfiguration.test(
      IdentityService.self, directory: directory, trustDomain: "test.ndx")
  }

  @discardableResult
  func bootstrap() async throws -> String {
    try await IdentityDatabase.use(try await configuration()) { database, key in
      _ = try await Bootstrap(
        directory: directory.file("out"), trustDomain: "test.ndx", key: key,
        transactor: Transactor(database: database, clock: time.clock)
      ).run()
    }
    return try text("out/ca-fingerprint")
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: directory.file(name), encoding: .utf8)
  }

  @Test func aSecondRunMakesFreshTokensOnly() async throws {
    let fingerprint = try await bootstrap()
    let root = try text("out/root/root.pem")
    let token = try text("out/staff/auditor.token")
    let before = try await staff()
    #expect(try await bootstrap() == fingerprint)
    #expect(try text("out/root/root.pem") == root)
    #expect(try text("out/staff/auditor.token") != token)
    #expect(try await staff() == before)
    #expect(before.count == 8 && before.allSatisfy { $0.state == .active && $0.kind == .operator })
    #expect(before.filter { $0.roles == [.registrar] }.count == 2)
  }

  func staff() async throws -> [Participant] {
    try await IdentityDatabase.use(configuration()) { database, _ in
      try await database.read { try ParticipantTable.list(after: nil, state: nil, limit: 50, $0) }
    }
  }

  @Test func secretsAreForTheirOwnerAloneAndKeysAreSealed() async throws {
    try await bootstrap()
    for name in ["out/root/root-key.pem", "out/services/audit/enrolment.token", "database.key"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
    let row = try await IdentityDatabase.use(configuration()) { database, _ in
      try await database.read { [time] in
        try AuthorityTable.list(at: time.now, $0).first { !$0.isRoot }
      }
    }
    let sealed = try #require(row?.sealedKey)
    #expect(!String(decoding: sealed, as: UTF8.self).contains("PRIVATE KEY"))
    try KeyFile.write(Random.bytes(32), to: directory.file("database.key"))
    let other = try DatabaseKey(directory: directory.path)
    #expect(throws: CryptoError.invalidSignature) {
      try other.open(sealed, name: try #require(row?.serial))
    }
  }

  @Test func withTheRootOfflineTokensAreStillMadeUntilTheIssuerEnds() async throws {
    try await bootstrap()
    try FileManager.default.removeItem(atPath: directory.file("out/root"))
    try await bootstrap()
    time.advance(seconds: 4 * 86_400)
    try await bootstrap()
    time.advance(seconds: 4 * 86_400)
    let error = await #expect(throws: StartupError.self) { try await bootstrap() }
    #expect(error?.kind == .missingInput)
  }

  @Test func theIssuerIsSucceededInTime() async throws {
    try await bootstrap()
    let root = try RootAuthority(directory: directory.file("out/root"))
    try await IdentityDatabase.use(try await configuration()) { database, key in
      let now = time.now
      let view = AuthorityView(
        try await database.read { try Authorities.load($0, key: key, at: now) })
      let rollover = AuthorityRollover(
        transactor: Transactor(database: database, clock: time.clock), view: view, key: key,
        root: root, trustDomain: "test.ndx", logger: .init(label: "test"))
      let first = try view.current.issuer(at: time.now).certificate
      try await rollover.roll()
      #expect(view.current.issuers.count == 1)
      time.advance(seconds: 4 * 86_400)
      try await rollover.roll()
      #expect(view.current.issuers.count == 2)
      #expect(try view.current.issuer(at: time.now).certificate == first)
      time.advance(seconds: 2 * 86_400)
      try await rollover.roll()
      #expect(try view.current.issuer(at: time.now).certificate != first)
    }
  }

  @Test func signingKeysRotateAndForgetTheirPrivateHalves() async throws {
    try await bootstrap()
    try await IdentityDatabase.use(try await configuration()) { database, key in
      let signer = TokenSigner(databaseKey: key)
      let view = KeySetView()
      let rotation = KeyRotation(
        transactor: Transactor(database: database, clock: time.clock), signer: signer, keys: view,
        logger: .init(label: "test"))
      try await rotation.rotate()
      let first = try signer.current(at: time.now).id
      #expect(view.keys.keys.count == 1)
      time.advance(seconds: 6 * 3_600 - 300)
      try await rotation.rotate()
      #expect(view.keys.keys.count == 2)
      #expect(try signer.current(at: time.now).id == first)
      time.advance(seconds: 600)
      try await rotation.rotate()
      #expect(try signer.current(at: time.now).id != first)
      let rows = try await database.read { try SigningKeyTable.list($0) }
      #expect(rows.first { $0.id == first }?.sealedKey == nil)
      time.advance(seconds: 24 * 3_600)
      try await rotation.rotate()
      #expect(view.keys.keys[first] == nil)
    }
  }
}
