package import Model
package import RPC
import Synchronization

/// What this process knows of revocations. It is asked on every call, and by long streams while
/// they run; it is fed by `RevocationFeed`, or directly by identity itself.
package final class RevocationView: Sendable {
  /// How old a view may be, in seconds, before everything is refused.
  package static let maximumAgeSeconds: Int64 = 30

  private struct State {
    var cutoffs: [RevocationSubject: RevocationEntry] = [:]
    var epoch: Int64 = 0
    /// What was said of consents, in order of epoch.
    var consents: [(epoch: Int64, id: ConsentID)] = []
    /// Nil until the first complete step.
    var asOf: Timestamp?
    var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextWatcher = 0
    var isShuttingDown = false
  }
  private let state = Mutex(State())
  private let clock: WallClock
  private let isAuthoritative: Bool

  /// - Parameter isAuthoritative: true in identity itself, whose own view is never stale.
  package init(isAuthoritative: Bool = false, clock: WallClock = .system) {
    self.isAuthoritative = isAuthoritative
    self.clock = clock
  }

  /// The last epoch applied: where a feed goes on.
  package var epoch: Int64 { state.withLock { $0.epoch } }

  /// When identity said what this view holds; nil before the first complete step.
  package var asOf: Timestamp? { state.withLock { $0.asOf } }

  /// Takes over revocations in order of epoch. Later words on a subject replace earlier ones.
  ///
  /// - Parameters:
  ///   - asOf: when identity said so; nil when more steps are to follow before the view is current.
  package func apply(_ entries: [RevocationEntry], epoch: Int64, asOf: Timestamp?) {
    let watchers = state.withLock { state in
      for entry in entries where entry.epoch > (state.cutoffs[entry.subject]?.epoch ?? 0) {
        state.cutoffs[entry.subject] = entry
        if let id = entry.subject.consentID { state.consents.append((entry.epoch, id)) }
      }
      state.epoch = max(state.epoch, epoch)
      if let asOf {
        // A clock that is ahead must not make the view look fresh for longer.
        let known = min(asOf, clock.now())
        state.asOf = max(state.asOf ?? known, known)
      }
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  /// Whether the view is too old to be relied on.
  package var isStale: Bool {
    guard !isAuthoritative else { return false }
    guard let asOf else { return true }
    return clock.now() > asOf.adding(seconds: Self.maximumAgeSeconds)
  }

  /// Whether something issued to the caller at `issued` with this certificate is refused.
  package func isRevoked(
    participant: ParticipantID, system: SystemID, serial: String, issued: Timestamp
  ) -> Bool {
    state.withLock { state in
      guard !state.cutoffs.isEmpty else { return false }
      if state.cutoffs[.credential(serial: serial)] != nil { return true }
      let subjects: [RevocationSubject] = [.participant(participant), .system(system)]
      return subjects.contains { subject in
        guard let cutoff = state.cutoffs[subject] else { return false }
        return cutoff.isBlocked || issued < cutoff.notBefore
      }
    }
  }

  /// Whether an access token issued to the caller at `issued` is refused: with what else was issued to
  /// it then, or because a role was taken from it since.
  package func isTokenRevoked(
    participant: ParticipantID, system: SystemID, serial: String, issued: Timestamp
  ) -> Bool {
    isRevoked(participant: participant, system: system, serial: serial, issued: issued)
      || state.withLock { state in
        state.cutoffs[.tokens(participant)].map { issued < $0.notBefore } ?? false
      }
  }

  /// Whether the peer's certificate is revoked, or its holder stopped. A peer without one is not.
  package func isRevoked(_ peer: Peer) -> Bool {
    guard let certificate = peer.certificate else { return false }
    return isRevoked(certificate, of: certificate.name?.name)
  }

  /// As `isRevoked(_:)`, with the certificate's name already read.
  func isRevoked(_ certificate: PeerCertificate, of name: SPIFFEID.Name?) -> Bool {
    switch name {
    case .participant(let participant, let system)?:
      isRevoked(
        participant: participant, system: system, serial: certificate.serial,
        issued: certificate.notBefore)
    case .service?, nil:
      state.withLock { $0.cutoffs[.credential(serial: certificate.serial)] != nil }
    }
  }

  /// Throws when the peer may not go on: the view is stale, its certificate has expired or is revoked.
  package func requireValid(_ peer: Peer) throws(AccessError) {
    guard !isStale else { throw .revocationViewStale }
    guard let certificate = peer.certificate else { return }
    guard clock.now() <= certificate.notAfter else { throw .certificateExpired }
    guard !isRevoked(peer) else { throw .credentialRevoked }
  }

  /// Whether the person has taken a consent back.
  package func isWithdrawn(_ consent: ConsentID) -> Bool {
    state.withLock { $0.cutoffs[.consent(consent)] != nil }
  }

  /// Whether the person has stopped the use of a consent for now.
  package func isPaused(_ consent: ConsentID) -> Bool {
    state.withLock { $0.cutoffs[.consentPause(consent)]?.isBlocked ?? false }
  }

  /// The consents of which something was said after `epoch`, in that order, and the epoch up to which
  /// that is all.
  package func consents(after epoch: Int64) -> (ids: [ConsentID], epoch: Int64) {
    state.withLock { state in
      let start = state.consents.lastIndex { $0.epoch <= epoch }.map { $0 + 1 } ?? 0
      return (state.consents[start...].map(\.id), max(state.epoch, epoch))
    }
  }

  /// Ends the streams that run under `whileValid`, so that a server that stops need not wait for
  /// those that have no end.
  package func shutDown() {
    let watchers = state.withLock { state in
      state.isShuttingDown = true
      return Array(state.watchers.values)
    }
    for watcher in watchers { watcher.yield() }
  }

  var isShuttingDown: Bool { state.withLock { $0.isShuttingDown } }

  /// Returns once the view can be relied on.
  package func untilCurrent() async {
    guard isStale else { return }
    for await _ in changes() where !isStale { return }
  }

  /// A signal now and each time the view is fed, until the task ends.
  package func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextWatcher += 1
      state.watchers[state.nextWatcher] = continuation
      return state.nextWatcher
    }
    continuation.yield()
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { _ = $0.watchers.removeValue(forKey: id) }
    }
    return stream
  }
}
