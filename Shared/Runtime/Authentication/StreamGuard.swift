package import RPC

extension RevocationView {
  /// Runs the body of a long stream and ends it, by cancellation, as soon as the caller's certificate
  /// is revoked or expires, this view goes stale, or the process shuts down; then throws why. For every
  /// stream that has no end of its own.
  package func whileValid<Result: Sendable>(
    _ context: CallContext, _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try requireOpen(context.peer)
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await self.untilInvalid(context.peer)
        return nil
      }
      defer { group.cancelAll() }
      while let outcome = try await group.next() {
        if let outcome { return outcome }
      }
      throw CancellationError()
    }
  }

  /// Returns only by throwing: what is wrong with the peer, or `CancellationError`.
  private func untilInvalid(_ peer: Peer) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in self.changes() { try self.requireOpen(peer) }
      }
      // Expiry and staleness come by time, without an event.
      group.addTask {
        while true {
          try await Task.sleep(for: .seconds(1))
          try self.requireOpen(peer)
        }
      }
      defer { group.cancelAll() }
      try await group.next()
      throw CancellationError()
    }
  }

  private func requireOpen(_ peer: Peer) throws {
    guard !isShuttingDown else { throw RuntimeError.shuttingDown }
    try requireValid(peer)
  }
}
