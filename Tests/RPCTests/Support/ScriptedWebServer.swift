import Crypto
import Foundation

@testable import RPC

/// A web server whose answers a test writes by hand, on a thread of its own because it blocks.
final class ScriptedWebServer: Sendable {
  let authority: TestAuthority
  let listener: PlainListener
  private let credentials: TLSCredentials

  init() throws {
    authority = try TestAuthority()
    listener = try PlainListener()
    credentials = try authority.credentials(TestAuthority.serverID)
  }

  func client(
    _ configure: (inout WebClientConfiguration) -> Void = { _ in }
  ) throws -> WebClient {
    var configuration = WebClientConfiguration()
    configure(&configuration)
    return try WebClient(
      WebAddress("https://127.0.0.1:\(listener.port)/log/"),
      trust: .roots(pem: authority.root.certificate.pem), configuration: configuration)
  }

  /// Takes connections one after the other; each is ended when its script returns.
  func play(_ scripts: [@Sendable (RawConnection) throws -> Void]) async throws {
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      Thread.detachNewThread { [self] in
        done.resume(
          with: Result {
            for script in scripts {
              let context = try TLSContext(credentials, side: .web)
              try script(RawConnection(listener.accept(), context))
            }
          })
      }
    }
  }
}

extension RawConnection {
  /// The next request up to its empty line; nil when the connection ends first.
  func requestHead() -> String? {
    var head: [UInt8] = []
    while !head.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
      guard let byte = bytes(1) else { return nil }
      head += byte
    }
    return String(decoding: head, as: UTF8.self)
  }

  func send(_ text: String) { send(Array(text.utf8)) }
}
