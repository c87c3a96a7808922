import Synchronization

/// The credentials in use now. Replacing them affects new connections; open ones finish their calls,
/// and channels take new ones for later calls. Private keys are kept by OpenSSL alone, which wipes them.
/// One store may serve a server and the channels of the same process.
package final class TLSContextStore: Sendable {
  private struct State: Sendable {
    let certificateChainPEM: String?
    let trust: TLSCredentials.Trust
    let contexts: [TLSContext.Side: TLSContext]
    var generation = 0

    init(_ credentials: TLSCredentials) throws {
      certificateChainPEM = credentials.identity?.certificateChainPEM
      trust = credentials.trust
      var sides: [TLSContext.Side] = trust == .nobody ? [.web] : [.client]
      if credentials.canServe { sides += [.server(.required), .server(.notRequested), .web] }
      contexts = try Dictionary(
        uniqueKeysWithValues: sides.map { ($0, try TLSContext(credentials, side: $0)) })
    }
  }

  private let state: Mutex<State>
  private let counts = Mutex(TLSHandshakeCounts())

  /// Throws when the chain, key or anchors do not parse or do not belong together.
  package init(_ credentials: TLSCredentials) throws {
    state = Mutex(try State(credentials))
  }

  /// Replaces the credentials, or throws and keeps the old ones.
  package func reload(_ credentials: TLSCredentials) throws {
    let new = try State(credentials)
    state.withLock {
      let generation = $0.generation
      $0 = new
      $0.generation = generation + 1
    }
  }

  /// Whom new connections believe.
  package var trust: TLSCredentials.Trust { state.withLock { $0.trust } }

  /// What new connections show, leaf first; nil for a client without a certificate.
  package var certificateChainPEM: String? { state.withLock { $0.certificateChainPEM } }

  /// Grows with every reload.
  var generation: Int { state.withLock { $0.generation } }

  /// Throws for a server's side when the credentials are only a client's.
  func context(for side: TLSContext.Side) throws -> TLSContext {
    guard let context = state.withLock({ $0.contexts[side] }) else {
      throw TLSError("this end needs a certificate or trust anchors")
    }
    return context
  }

  /// The handshakes of servers that use this store, since the start.
  package var handshakes: TLSHandshakeCounts { counts.withLock { $0 } }

  func count(_ outcome: WritableKeyPath<TLSHandshakeCounts, Int>) {
    counts.withLock { $0[keyPath: outcome] += 1 }
  }
}

/// How handshakes ended.
package struct TLSHandshakeCounts: Sendable, Hashable {
  package var full = 0
  package var resumed = 0
  /// Refused by either end, given up or out of time.
  package var failed = 0

  package init(full: Int = 0, resumed: Int = 0, failed: Int = 0) {
    self.full = full
    self.resumed = resumed
    self.failed = failed
  }
}
