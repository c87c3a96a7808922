import Crypto
import Logging
import Model
import RPC
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct CertificateRenewerTests {
  private let authority: TestAuthority
  private let directory: TemporaryDirectory
  private let files: CredentialFiles
  private let first: Credential
  private let tls: TLSContextStore

  init() throws {
    authority = try TestAuthority()
    directory = try TemporaryDirectory()
    files = CredentialFiles(directory: directory.path)
    first = try authority.credential(for: .service("echo"))
    tls = try TLSContextStore(try first.tls())
    try write(first)
  }

  private func write(_ credential: Credential) throws {
    try KeyFile.write(
      try credential.key.pem() + credential.chain.map(\.pem).joined(),
      to: directory.file("credential.pem"))
    try KeyFile.write(
      credential.anchors.map(\.pem).joined(), to: directory.file("trust.pem"))
  }

  /// Runs a renewer that has nothing to renew; what it logs from `notice` up comes out.
  private func watching(_ body: (AsyncStream<String>) async throws -> Void) async throws {
    let (lines, continuation) = AsyncStream.makeStream(of: String.self)
    let renewer = CertificateRenewer(
      first: first, files: files, tls: tls, clock: .system,
      logger: Logger(label: "test") { _ in LineHandler(lines: continuation) },
      watchInterval: .milliseconds(20)
    ) { _ in throw RPCStatus(code: .internal, message: "nothing is due") }
    let run = Task { try await renewer.run() }
    defer { run.cancel() }
    try await body(lines)
    run.cancel()
    _ = await run.result
  }

  @Test func filesThatAnOperatorReplacesAreTakenOver() async throws {
    try await watching { lines in
      let second = try authority.credential(for: .service("echo"))
      try write(second)
      let taken = await lines.first { _ in true }
      #expect(taken == "certificate files taken over")
      #expect(tls.certificateChainPEM == (try second.tls().identity?.certificateChainPEM))

      // A root that is added comes without a new certificate.
      let successor = try TestAuthority()
      try write(
        Credential(
          key: second.key, chain: second.chain,
          anchors: second.anchors + [successor.root.certificate]
        ))
      let takenAgain = await lines.first { _ in true }
      #expect(takenAgain == "certificate files taken over")
      #expect(tls.trust == (try files.load()?.tls().trust))
    }
  }

  @Test func filesThatDoNotFitTogetherLeaveWhatIsInUse() async throws {
    try await watching { lines in
      let refusal = "certificate files have changed and cannot be used"
      let successor = try TestAuthority()
      let faults: [Credential] = [
        try authority.credential(for: .service("audit")),
        try authority.credential(
          for: .service("echo"), now: WallClock.system.now().adding(seconds: -3_000),
          lifetimeSeconds: 60),
        try Credential(key: first.key, chain: first.chain, anchors: [successor.root.certificate]),
      ]
      for fault in faults {
        try write(fault)
        let refused = await lines.first { _ in true }
        #expect(refused == refusal)
      }
      try KeyFile.write("-----BEGIN CERT", to: directory.file("credential.pem"))
      let refusedToo = await lines.first { _ in true }
      #expect(refusedToo == refusal)
      #expect(tls.certificateChainPEM == (try first.tls().identity?.certificateChainPEM))
      #expect(tls.trust == (try first.tls().trust))
    }
  }

  @Test func itRenewsAtHalfLifeAndTriesAgainUntilItSucceeds() async throws {
    let authority = try TestAuthority()
    let directory = try TemporaryDirectory()
    let time = ManualTime()
    // More than half of its life is over, so it is renewed at once.
    let old = try authority.credential(
      for: .service("echo"), now: time.now.adding(seconds: -3_000), lifetimeSeconds: 3_600)
    let tls = try TLSContextStore(try old.tls())
    let attempts = Mutex(0)
    let (renewals, continuation) = AsyncStream.makeStream(of: Credential.self)
    let renewer = CertificateRenewer(
      first: old, files: CredentialFiles(directory: directory.path), tls: tls, clock: time.clock,
      logger: .quiet
    ) { key in
      let attempt = attempts.withLock { attempts in
        attempts += 1
        return attempts
      }
      if attempt == 1 { throw RPCStatus(code: .unavailable, message: "not now") }
      let fresh = try authority.credential(for: .service("echo"), now: time.now, key: key)
      continuation.yield(fresh)
      return fresh
    }
    let run = Task { try await renewer.run() }
    var iterator = renewals.makeAsyncIterator()
    let fresh = try #require(await iterator.next())
    while tls.certificateChainPEM
      == (try old.tls().identity?.certificateChainPEM)
    {
      await Task.yield()
    }
    #expect(
      tls.certificateChainPEM
        == (try fresh.tls().identity?.certificateChainPEM))
    #expect(try CredentialFiles(directory: directory.path).load()?.leaf == fresh.leaf)
    #expect(fresh.key.publicKey != old.key.publicKey)
    run.cancel()
    _ = await run.result
    #expect(attempts.withLock { $0 } == 2)
  }
}

private struct LineHandler: LogHandler {
  let lines: AsyncStream<String>.Continuation
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.notice
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
  func log(event: LogEvent) { lines.yield("\(event.message)") }
}
