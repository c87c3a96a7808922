import AuditDomain
import AuditStore
import Model
import RPC
import ServiceRuntime
import Stubs
import TransparencyLog

/// Answers `ndx.audit.v1.LogService`; each RPC is in a file of its own.
struct AuditHandler: LogServiceHandler {
  let database: ServiceDatabase
  let transactor: Transactor
  let clock: WallClock
  let queue: EntryQueue
  let subjects: SubjectCache
  let head: LogHead
  let board: WitnessBoard
  let verifierKey: VerifierKey
  /// What proofs are made from.
  let nodes: NodeCache
  /// Who is refused at once, also within a long stream.
  let revocations: RevocationView
  /// One inspection of the whole log at a time.
  let inspections = ExclusiveUse()
}

extension LogReader {
  /// The caller as the rules of audit see it.
  init(_ context: CallContext) throws {
    switch context.caller {
    case .service: self = .unrestricted
    case .participant(let caller) where caller.roles.contains(.auditor): self = .unrestricted
    case .participant(let caller): self = .participant(caller.participantID)
    case .anonymous: throw AccessError.certificateRequired
    }
  }
}
