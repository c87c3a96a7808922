import Client
import Crypto
import Foundation
import Model
import RPC
import Stubs
import Testing

/// What a profile does by itself, against a real identity.
@Suite(.serialized) struct ProfileTests {
  @Test(.timeLimit(.minutes(2)))
  func aProfileEnrolsRenewsAndKeepsItsTokens() async throws {
    let exchange = try await LocalExchange()
    let participant = try await exchange.admit("company", [.consumer])
    try await wrongRootIsRefused(exchange, participant)
    try await tokensAreKept(exchange)
    try await certificateIsRenewedAtHalfItsLife(exchange)
    try await expiredCertificateIsSaid(exchange)
    try keyOpenToOthersIsRefused(exchange)
  }

  /// With another fingerprint the token is not even sent: it works afterwards.
  private func wrongRootIsRefused(_ exchange: LocalExchange, _ participant: ParticipantID)
    async throws
  {
    let token = try await exchange.enrolmentToken(system: "second", of: participant)
    var description = try ExchangeDescription.load(exchange.directory + "/exchange.json")
    let right = description.fingerprint
    description.fingerprint = String(repeating: "ab", count: 32)
    let folder = exchange.profileDirectory("second")
    await #expect(throws: RPCStatus.self) {
      try await Enrolment(token: token, exchange: description).enrol(into: folder)
    }
    #expect(!FileManager.default.fileExists(atPath: folder))
    description.fingerprint = right
    let profile = try await Enrolment(token: token, exchange: description).enrol(into: folder)
    #expect(profile.participantID == participant)
    await #expect(throws: RPCStatus.self, "a token is for one use") {
      try await Enrolment(token: token, exchange: description).enrol(into: folder + "-again")
    }
  }

  private func tokensAreKept(_ exchange: LocalExchange) async throws {
    let path = exchange.profileDirectory("company") + "/tokens.json"
    func call() async throws -> [UInt8] {
      let connection = try await exchange.connection("company")
      _ = try await connection.orders.listOrders(.init())
      await connection.close()
      return try KeyFile.read(path)
    }
    let first = try await call()
    #expect(try await call() == first)
    try AccessTokens.discard(in: exchange.profileDirectory("company"))
    #expect(try await call() != first)
  }

  private func certificateIsRenewedAtHalfItsLife(_ exchange: LocalExchange) async throws {
    let before = try Profile.load(exchange.profileDirectory("company"))
    let later = WallClock { WallClock.system.now().adding(seconds: 31 * 60) }
    let connection = try await ExchangeConnection.open(before, clock: later)
    let renewed = connection.profile
    #expect(renewed.certificate.serial != before.certificate.serial)
    #expect(renewed.certificate.spiffeID == before.certificate.spiffeID)
    _ = try await connection.orders.listOrders(.init())
    await connection.close()
    let stored = try Profile.load(exchange.profileDirectory("company"))
    #expect(stored.certificate == renewed.certificate)
    let unchanged = try await exchange.connection("company")
    #expect(unchanged.profile.certificate == renewed.certificate)
    await unchanged.close()
  }

  private func expiredCertificateIsSaid(_ exchange: LocalExchange) async throws {
    let profile = try Profile.load(exchange.profileDirectory("company"))
    let tomorrow = WallClock { WallClock.system.now().adding(seconds: 86_400) }
    await #expect(
      throws: ClientError.expiredCertificate(notAfter: profile.certificate.notAfter)
    ) { try await ExchangeConnection.open(profile, clock: tomorrow) }
  }

  private func keyOpenToOthersIsRefused(_ exchange: LocalExchange) throws {
    let folder = exchange.profileDirectory("company")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: folder + "/key.pem")
    #expect(throws: CryptoError.self) { try Profile.load(folder) }
    #expect(throws: ClientError.noProfile(path: "/nonexistent")) {
      try Profile.load("/nonexistent")
    }
  }
}
