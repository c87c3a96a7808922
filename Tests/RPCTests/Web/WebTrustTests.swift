import Crypto
import Logging
import Testing

@testable import RPC

/// Which servers a web client believes.
@Suite(.timeLimit(.minutes(1))) struct WebTrustTests {
  private func outcome(
    of credentials: TLSCredentials, calling host: String = "127.0.0.1", trust: WebTrust
  ) async throws -> Result<WebAnswer, WebFailure> {
    let server = WebServer(
      configuration: WebServerConfiguration(host: "127.0.0.1", port: 0),
      tls: try TLSContextStore(credentials), logger: Logger(label: "test")
    ) { _ in WebResponse(contentType: "text/plain", cacheControl: "no-store", body: [1]) }
    let port = try await server.start()
    let client = try WebClient(WebAddress("https://\(host):\(port)"), trust: trust)
    let outcome: Result<WebAnswer, WebFailure>
    do throws(WebFailure) {
      outcome = .success(try await client.get("/"))
    } catch {
      outcome = .failure(error)
    }
    client.close()
    await server.shutdown(grace: .seconds(1))
    return outcome
  }

  private func isUntrusted(_ outcome: Result<WebAnswer, WebFailure>) -> Bool {
    if case .failure(.untrusted) = outcome { true } else { false }
  }

  /// A certificate as authorities of the web issue it, and what the client calls.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let host: String
    let isTaken: Bool
    var isExpired = false
    var testDescription: String { "\(name) for \(host)" }
  }

  @Test(arguments: [
    Case(name: "DNS:localhost", host: "localhost", isTaken: true),
    Case(name: "IP:127.0.0.1", host: "127.0.0.1", isTaken: true),
    Case(name: "DNS:localhost", host: "127.0.0.1", isTaken: false),
    Case(name: "IP:127.0.0.1", host: "localhost", isTaken: false),
    Case(name: "DNS:127.0.0.1", host: "127.0.0.1", isTaken: false),
    Case(name: "DNS:local*", host: "localhost", isTaken: false),
    Case(name: "DNS:*", host: "localhost", isTaken: false),
    Case(name: "URI:\(TestAuthority.serverID)", host: "localhost", isTaken: false),
    Case(name: "DNS:localhost", host: "localhost", isTaken: false, isExpired: true),
  ])
  func aCertificateIsForTheNameThatIsCalled(_ known: Case) async throws {
    let authority = try TestAuthority()
    let certificate = try ForgedCertificate(by: authority) { content in
      // As a common name it does not count.
      content.name = known.host
      content.alternativeName = known.name
      if known.isExpired {
        content.notBeforeSeconds = -7200
        content.notAfterSeconds = -3600
      }
    }
    let outcome = try await outcome(
      of: certificate.credentials(trusting: authority), calling: known.host,
      trust: .roots(pem: authority.root.certificate.pem))
    #expect(isUntrusted(outcome) != known.isTaken, "\(outcome)")
    #expect((try? outcome.get().status == 200) == (known.isTaken ? true : nil))
  }

  @Test func anotherAuthoritysServerIsRefused() async throws {
    let (authority, other) = (try TestAuthority(), try TestAuthority())
    let credentials = try authority.credentials(TestAuthority.serverID)
    let byOther = try await outcome(
      of: credentials, trust: .roots(pem: other.root.certificate.pem))
    #expect(isUntrusted(byOther))
    let bySystem = try await outcome(of: credentials, trust: .roots(pem: nil))
    #expect(isUntrusted(bySystem))
  }

  @Test func aServerOfTheExchangeIsKnownByItsID() async throws {
    let authority = try TestAuthority()
    let credentials = try authority.credentials(TestAuthority.serverID)
    let store = try TLSContextStore(
      TLSCredentials(identity: nil, trust: .anchors(pem: authority.root.certificate.pem)))
    let right = try await outcome(
      of: credentials, calling: "localhost",
      trust: .exchange(store, .spiffeID(TestAuthority.serverID)))
    #expect(try right.get().status == 200)
    let wrong = try await outcome(
      of: credentials, trust: .exchange(store, .spiffeID(TestAuthority.clientID)))
    #expect(isUntrusted(wrong))
  }

  @Test func rootsThatAreNoneAreRefusedAtOnce() throws {
    let address = try WebAddress("https://localhost")
    #expect(throws: (any Error).self) { try WebClient(address, trust: .roots(pem: "")) }
  }
}
