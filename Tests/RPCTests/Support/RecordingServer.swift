import Foundation

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
    let listener = try PlainListener()
    port = listener.port
    let (records, continuation) = AsyncStream.makeStream(of: Record.self)
    self.records = records
    Thread.detachNewThread {
      let peer = try? HandshakePeer(
        listener.accept(), isServer: true, credentials, settings: settings, protocols: protocols)
      if let peer { continuation.yield(Self.record(peer)) }
      continuation.finish()
    }
  }

  private static func record(_ peer: HandshakePeer) -> Record {
    let end = peer.end()
    let received = end == .connected ? peer.read() : nil
    return Record(
      end: end, hasClientCertificate: peer.hasPeerCertificate, received: received ?? [])
  }

  /// What happened; nil when no client came.
  func record() async -> Record? { await records.first { _ in true } }
}
