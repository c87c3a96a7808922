import Crypto
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

/// Calls of `ConsentService`.
struct ConsentHandler: ConsentServiceHandler {
  let identity: IdentityHandlers

  /// What all decisions of a person about a consent share: load, apply a rule, save, tell.
  func decide(
    _ kind: IdentityV1.ConsentEventKind, on id: ConsentID, because reason: String = "",
    _ transaction: Transaction, rule: (inout Consent) throws -> Void
  ) throws -> Consent {
    transaction.concerns("consent/\(id)")
    var consent = try ConsentTable.get(id, transaction.db)
    // What people agree to with others does not exist for anyone else.
    guard consent.subjectID == (try transaction.context.participant()).participantID else {
      throw IdentityError.consent(.notFound)
    }
    try rule(&consent)
    try ConsentEventTable.append(
      kind, to: consent, reason: reason, at: transaction.now, transaction.db)
    try transaction.emit(AuditEvent(kind, consent, because: reason))
    return consent
  }

  /// Tells every service that the use of a consent changes; only of one that orders rest on.
  /// - Returns: the epoch of the revocation; 0 when there is none.
  func announce(
    _ subject: RevokedSubject, isBlocked: Bool, of consent: Consent, _ transaction: Transaction
  ) throws -> Int64 {
    guard try ConsentEventTable.isUsed(consent.id, transaction.db) else { return 0 }
    return try RevocationTable.append(
      subject, isBlocked: isBlocked, at: transaction.now, transaction.db)
  }
}

/// Who looks at consents.
enum ConsentViewer {
  /// Staff and services: they see all, and who each is about.
  case exchange
  case participant(ParticipantID)

  init(_ context: CallContext) throws {
    switch context.caller {
    case .service: self = .exchange
    case .participant(let caller):
      self =
        caller.roles.isDisjoint(with: RoleRules.staff)
        ? .participant(caller.participantID) : .exchange
    case .anonymous: throw AccessError.certificateRequired
    }
  }

  var participantID: ParticipantID? {
    guard case .participant(let id) = self else { return nil }
    return id
  }

  func sees(_ consent: Consent) -> Bool {
    participantID.map { consent.concerns($0) } ?? true
  }
}

extension Consent {
  /// As `viewer` sees it: providers and consumers know the person by the pseudonym alone.
  func wire(at now: Timestamp, for viewer: ConsentViewer) -> IdentityV1.Consent {
    let state = state(at: now)
    let isOver = state == .withdrawn || state == .expired
    let namesSubject = viewer.participantID.map { $0 == subjectID } ?? true
    return IdentityV1.Consent(
      artefact: artefact, text: artefact.text, subjectID: namesSubject ? subjectID : nil,
      state: state, blockedBy: obstacle(at: now).map(\.reason) ?? "",
      nextActor: state == .requested || state == .paused ? .participant : .unspecified,
      dueTime: isOver ? nil : artefact.expireTime, certificate: signature?.certificate ?? [],
      signature: signature?.bytes ?? [], createTime: createTime, updateTime: updateTime)
  }
}

extension AuditEvent {
  /// What happened to a consent. The person is named by the pseudonym, also to the log.
  init(
    _ kind: IdentityV1.ConsentEventKind, _ consent: Consent, because reason: String = "",
    order: OrderID? = nil
  ) {
    let artefact = consent.artefact
    let name = (kind.protoName ?? "").dropFirst("CONSENT_EVENT_KIND_".count).lowercased()
    var subjects = [
      "consent/\(consent.id)", "participant/\(artefact.providerID)",
      "participant/\(artefact.consumerID)",
    ]
    if let order { subjects.append("order/\(order)") }
    var payload = [
      "subject": artefact.subjectPseudonym, "purpose": artefact.purpose,
      "categories": artefact.dataCategories.joined(separator: ","),
      "text_sha256": Digest.sha256(of: Array(artefact.text.utf8)).hex,
    ]
    if !reason.isEmpty { payload["reason"] = reason }
    self.init(kind: "consent.\(name)", subjects: subjects, payload: payload)
  }
}
