import GRDB
import IdentityDomain
import IdentityStore
import Model
import ServiceRuntime
import Synchronization

/// Brings identity's own view of revocations to what was committed, before the commit is answered.
/// The feed's watchers wake up by the view.
final class RevocationPublisher: CommitObserver {
  private let view: RevocationView
  private let clock: WallClock
  private let staged = Mutex<[Revocation]>([])

  init(view: RevocationView, clock: WallClock) {
    self.view = view
    self.clock = clock
  }

  /// Applies everything that is stored.
  func load(_ database: ServiceDatabase) async throws {
    var epoch: Int64 = 0
    while true {
      let after = epoch
      let page = try await database.read { db in
        try RevocationTable.list(after: after, limit: 10_000, db)
      }
      epoch = page.last?.epoch ?? epoch
      let isLast = page.count < 10_000
      view.apply(page.map(\.entry), epoch: epoch, asOf: isLast ? clock.now() : nil)
      if isLast { return }
    }
  }

  func groupWillCommit(_ db: Database) throws {
    let new = try RevocationTable.list(after: view.epoch, limit: .max, db)
    staged.withLock { $0 = new }
  }

  func groupCommitted() {
    let new = staged.withLock { staged in
      defer { staged = [] }
      return staged
    }
    guard let last = new.last else { return }
    view.apply(new.map(\.entry), epoch: last.epoch, asOf: clock.now())
  }

  func groupRolledBack() { staged.withLock { $0 = [] } }
}

extension Revocation {
  var entry: RevocationEntry {
    let subject: RevocationSubject =
      switch self.subject {
      case .participant(let id): .participant(id)
      case .system(let id): .system(id)
      case .credential(let serial): .credential(serial: serial)
      case .tokens(let id): .tokens(id)
      case .consent(let id): .consent(id)
      case .consentPause(let id): .consentPause(id)
      }
    return RevocationEntry(
      epoch: epoch, subject: subject, notBefore: notBefore, isBlocked: isBlocked)
  }

  var wire: IdentityV1.Revocation {
    let (kind, id): (IdentityV1.RevocationSubject, String) =
      switch subject {
      case .participant(let id): (.participant, id.description)
      case .system(let id): (.system, id.description)
      case .credential(let serial): (.credential, serial)
      case .tokens(let id): (.participantTokens, id.description)
      case .consent(let id): (.consent, id.description)
      case .consentPause(let id): (.consentPause, id.description)
      }
    return IdentityV1.Revocation(
      epoch: epoch, subject: kind, subjectID: id, notBefore: notBefore, blocked: isBlocked)
  }
}
