import Foundation

@testable import RPC

/// Processor time that handshakes take on either side.
struct HandshakeCost {
  private(set) var server = Duration.zero
  private(set) var client = Duration.zero
  private(set) var resumptions = 0

  /// One handshake in memory, and the ticket that comes after it.
  mutating func add(
    _ serverTLS: TLSContextStore, _ clientTLS: TLSContextStore, _ target: ClientTarget
  ) throws {
    let client = try timed(\.client) {
      try TLSEngine(clientTLS.context(for: .client), target: target)
    }
    let server = try timed(\.server) {
      try TLSEngine(serverTLS.context(for: .server(.required)))
    }
    for _ in 0..<2 {
      timed(\.client) { _ = client.handshake() }
      Self.move(from: client, to: server)
      timed(\.server) { _ = server.handshake() }
      Self.move(from: server, to: client)
    }
    timed(\.client) {
      withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { _ = client.read(into: $0) }
    }
    if server.isResumed { resumptions += 1 }
  }

  private mutating func timed<Result>(
    _ side: WritableKeyPath<Self, Duration>, _ work: () throws -> Result
  ) rethrows -> Result {
    let start = Self.now()
    defer { self[keyPath: side] += Self.now() - start }
    return try work()
  }

  private static func now() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  private static func move(from source: TLSEngine, to destination: TLSEngine) {
    var bytes = [UInt8](repeating: 0, count: source.outputBytes)
    let count = bytes.withUnsafeMutableBytes { source.takeOutput(into: $0) }
    bytes.withUnsafeBytes { destination.receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }
}
