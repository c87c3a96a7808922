import Crypto
import Foundation
import Model
import RPC
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct ServiceApplicationTests {
  private let identity: TestIdentity
  private let directory: TemporaryDirectory

  init() throws {
    identity = try TestIdentity(enrolling: EchoService.name)
    directory = try TemporaryDirectory()
    try KeyFile.write(identity.token, to: directory.file("token"))
  }

  private func configuration(
    _ settings: [String: String] = [:]
  ) async throws -> ServiceConfiguration {
    let common = ["enrolment-token-file": directory.file("token")]
    return try await ServiceConfiguration.test(
      EchoService.self, directory: directory, trustDomain: identity.authority.trustDomain,
      settings: common.merging(settings) { $1 })
  }

  /// Runs the application until `body` is done, then stops it.
  private func running(
    _ configuration: ServiceConfiguration,
    _ body: @escaping @Sendable (HostPort) async throws -> Void
  ) async throws {
    let application = ServiceApplication<EchoService>(configuration: configuration, logger: .quiet)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await application.run(handlingSignals: false)
        return false
      }
      group.addTask {
        let ready = ReadyFile(configuration)
        while ready.address() == nil { try await Task.sleep(for: .milliseconds(10)) }
        try await body(try #require(ready.address()))
        return true
      }
      defer { group.cancelAll() }
      let isDone = try await group.next()
      #expect(isDone == true)
    }
  }

  private func channel(_ address: HostPort, _ credential: Credential) throws -> RPCChannel {
    RPCChannel(
      target: address.description, tls: try TLSContextStore(try credential.tls()),
      expecting: .service(EchoService.name, trustDomain: identity.authority.trustDomain))
  }

  private func failure(_ configuration: ServiceConfiguration) async -> StartupError? {
    do {
      try await ServiceApplication<EchoService>(configuration: configuration, logger: .quiet)
        .run(handlingSignals: false)
      return nil
    } catch {
      return error as? StartupError
    }
  }

  @Test func itEnrolsFollowsRevocationsAndServes() async throws {
    let configuration = try await configuration(try await identity.start())
    let caller = try identity.authority.caller()
    try await running(configuration) { [identity] address in
      let channel = try channel(address, caller.credential)
      #expect(try await channel.echo(EchoService.byCertificate).hasPrefix("participant/"))
      identity.revoke(.participant, caller.participantID.description)
      var reason: String?
      while reason == nil {
        do {
          _ = try await channel.echo(EchoService.byCertificate)
        } catch let status as RPCStatus {
          reason = status.details?.reason
        }
      }
      #expect(reason == "CREDENTIAL_REVOKED")
      await channel.close()
    }
    #expect(ReadyFile(configuration).address() == nil)
    for file in ["credential.pem", "trust.pem", "echo.sqlite"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(file))
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
    await identity.stop()
  }

  @Test func aSecondStartUsesTheStoredCertificate() async throws {
    let configuration = try await configuration(try await identity.start())
    try await running(configuration) { _ in }
    try await running(configuration) { _ in }
    #expect(identity.enrolments.withLock { $0 } == 1)
    await identity.stop()
  }

  @Test func aCertificatePastHalfOfItsLifeIsRenewedWithoutARestart() async throws {
    identity.enrolledAgeSeconds.withLock { $0 = 5_000 }
    let configuration = try await configuration(try await identity.start())
    let caller = try identity.authority.caller()
    let files = CredentialFiles(directory: directory.path)
    try await running(configuration) { address in
      let recent = WallClock.system.now().adding(seconds: -600)
      while try #require(try files.load()).leaf.notBefore < recent {
        try await Task.sleep(for: .milliseconds(10))
      }
      let channel = try channel(address, caller.credential)
      #expect(try await channel.echo(EchoService.byCertificate).hasPrefix("participant/"))
      await channel.close()
    }
    #expect(identity.renewals.withLock { $0 } == 1)
    await identity.stop()
  }

  @Test func aForgedFeedIsNotBelieved() async throws {
    identity.feed.withLock { $0.forges = true }
    let configuration = try await configuration(try await identity.start())
    let application = ServiceApplication<EchoService>(configuration: configuration, logger: .quiet)
    let run = Task { try await application.run(handlingSignals: false) }
    // The second connection shows that the first was given up.
    while identity.feed.withLock({ $0.listeners.count }) < 2 {
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(ReadyFile(configuration).address() == nil)
    run.cancel()
    _ = await run.result
    await identity.stop()
  }

  @Test func aWrongTokenStopsTheStart() async throws {
    let settings = try await identity.start()
    try KeyFile.write("wrong", to: directory.file("token"))
    let error = await failure(try await configuration(settings))
    #expect(error?.kind == .unavailable)
    #expect(error?.message.hasPrefix("cannot enrol with identity at 127.0.0.1:") == true)
    await identity.stop()
  }

  @Test func aTokenThatOthersCanReadStopsTheStart() async throws {
    let settings = try await identity.start()
    chmod(directory.file("token"), 0o644)
    let error = await failure(try await configuration(settings))
    #expect(error?.kind == .insecureFile)
    #expect(error?.message.contains("its mode must be 0600") == true)
    #expect(identity.enrolments.withLock { $0 } == 0)
    await identity.stop()
  }

  @Test func anotherRootThanThePinnedOneStopsTheStart() async throws {
    var settings = try await identity.start()
    settings["ca-fingerprint"] = String(repeating: "ab", count: 32)
    settings["enrolment-seconds"] = "1"
    #expect(await failure(try await configuration(settings))?.kind == .unavailable)
    #expect(identity.enrolments.withLock { $0 } == 0)
    await identity.stop()
  }

  @Test func noCertificateAndNoTokenStopsTheStart() async throws {
    try FileManager.default.removeItem(atPath: directory.file("token"))
    let error = await failure(try await configuration(try await identity.start()))
    #expect(error?.kind == .missingInput)
    await identity.stop()
  }

  @Test func aKeyOfTheLogThatIsNoneStopsTheStart() async throws {
    var settings = try await identity.start()
    settings["log-verifier-key"] = "log.test/ndx+00000000+AQ=="
    let error = await failure(try await configuration(settings))
    #expect(error?.kind == .configuration)
    #expect(error.map { "\($0)".contains("log-verifier-key") } == true)
    await identity.stop()
  }

  @Test func aKeyFileThatOthersCanReadStopsTheStart() async throws {
    let configuration = try await configuration(try await identity.start())
    try await running(configuration) { _ in }
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: directory.file("credential.pem"))
    #expect(await failure(configuration)?.kind == .insecureFile)
    await identity.stop()
  }

  @Test func aPortInUseStopsTheStart() async throws {
    let settings = try await identity.start()
    let taken = try #require(settings["identity-address"])
    let error = await failure(
      try await configuration(settings.merging(["listen": taken]) { $1 }))
    #expect(error?.kind == .unavailable)
    #expect(error?.message.hasPrefix("cannot listen on \(taken)") == true)
    await identity.stop()
  }

  @Test func aSecondProcessIsRefusedAndDoesNotDisturbTheFirst() async throws {
    let configuration = try await configuration(try await identity.start())
    try await running(configuration) { address in
      #expect(await failure(configuration)?.kind == .unavailable)
      #expect(ReadyFile(configuration).address() == address)
    }
    await identity.stop()
  }

  @Test func metricsCountCallsByMethodAndStatus() async throws {
    let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 20_000
    let metrics = "127.0.0.1:\(port)"
    let configuration = try await configuration(
      try await identity.start().merging(["metrics-listen": metrics]) { $1 })
    let caller = try identity.authority.caller()
    try await running(configuration) { address in
      let channel = try channel(address, caller.credential)
      _ = try await channel.echo(EchoService.byCertificate)
      _ = try? await channel.echo(EchoService.forNobody)
      await channel.close()
      let text = try await HTTP.get(port: port)
      let method = "service=\"echo\",method=\"/ndx.echo.v1.EchoService"
      #expect(text.contains("ndx_rpc_calls_total{\(method)/ByCertificate\",code=\"ok\"} 1"))
      #expect(
        text.contains("ndx_rpc_calls_total{\(method)/ForNobody\",code=\"permissionDenied\"} 1"))
      #expect(text.contains("ndx_rpc_seconds_count{\(method)/ByCertificate\"} 1"))
    }
    await identity.stop()
  }
}
