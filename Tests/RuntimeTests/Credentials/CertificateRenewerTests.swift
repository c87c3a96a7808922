import Crypto
import Model
import RPC
import ServiceRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct CertificateRenewerTests {
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
