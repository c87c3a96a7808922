import Foundation

@testable import RPC

/// A TLS server whose HTTP/2 a test plays by hand, on a thread of its own because it blocks.
final class RawServer: Sendable {
  let authority: TestAuthority
  private let listener: PlainListener
  private let credentials: TLSCredentials
  private let clientCredentials: TLSContextStore

  init() throws {
    authority = try TestAuthority()
    listener = try PlainListener()
    credentials = try authority.credentials(TestAuthority.serverID)
    clientCredentials = try TLSContextStore(authority.credentials(TestAuthority.clientID))
  }

  func channel(_ configure: (inout RPCChannelConfiguration) -> Void = { _ in }) -> RPCChannel {
    var configuration = RPCChannelConfiguration()
    configure(&configuration)
    return RPCChannel(
      target: "127.0.0.1:\(listener.port)", tls: clientCredentials,
      expecting: .spiffeID(TestAuthority.serverID), configuration: configuration)
  }

  /// Takes the next connection, after its TLS handshake, and ends it when `play` returns.
  func serve<R: Sendable>(_ play: @escaping @Sendable (FramePeer) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { [self] in
        continuation.resume(with: Result { try play(accept()) })
      }
    }
  }

  private func accept() throws -> FramePeer {
    let context = try TLSContext(credentials, side: .server(.required))
    return FramePeer(try RawConnection(listener.accept(), context))
  }
}
