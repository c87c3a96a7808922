import Foundation
import Synchronization

@testable import RPC

/// A TLS server that may be the wrong one: it accepts one connection and tells what the client let it know.
final class RecordingServer: Sendable {
  struct Record: Sendable {
    let end: HandshakeEnd
    let hasClientCertificate: Bool
    /// What came first over TLS.
    let received: [UInt8]
  }

  let port: Int
  private let records: AsyncStream<Record>

  init(
    _ credentials: TLSCredentials, settings: [String: String] = [:], protocols: [String] = ["h2"]
  ) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    port = try withUnsafeMutablePointer(to: &address) {
      try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        guard bind(listener, $0, size) == 0, listen(listener, 8) == 0,
          getsockname(listener, $0, &size) == 0
        else { throw POSIXError(.EADDRINUSE) }
        return Int(UInt16(bigEndian: UnsafeRawPointer($0).load(as: sockaddr_in.self).sin_port))
      }
    }
    let (records, continuation) = AsyncStream.makeStream(of: Record.self)
    self.records = records
    Thread.detachNewThread {
      let connection = accept(listener, nil, nil)
      close(listener)
      if let peer = try? HandshakePeer(
        socket: connection, isServer: true, credentials, settings: settings, protocols: protocols)
      {
        continuation.yield(Self.record(peer))
      }
      continuation.finish()
    }
  }

  private static func record(_ peer: HandshakePeer) -> Record {
    let end = peer.end()
    let received = end == .connected ? peer.read() : nil
    return Record(
      end: end, hasClientCertificate: peer.hasPeerCertificate, received: received ?? [])
  }

  /// What happened, once the connection has ended.
  func record() async -> Record? { await records.first { _ in true } }
}
