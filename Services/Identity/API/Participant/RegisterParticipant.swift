import Foundation
import IdentityDomain
import IdentityStore
import Model
import RPC
import ServiceRuntime
import Stubs

extension ParticipantHandler {
  func registerParticipant(
    _ request: IdentityV1.RegisterParticipantRequest, _ context: CallContext
  ) async throws -> IdentityV1.RegisterParticipantResponse {
    try await identity.transactor.mutate(request, context) { transaction in
      let participant = try Participant.applying(
        id: .make(at: transaction.now), kind: request.kind, environment: request.environment,
        name: TypeV1.LocalizedText(vi: request.name.vi.normalized, en: request.name.en.normalized),
        legalID: request.legalID.normalized, jurisdiction: request.jurisdiction,
        roles: Set(request.roles), at: transaction.now)
      try ParticipantTable.insert(participant, transaction.db)
      try transaction.emit(
        AuditEvent(
          kind: "participant.registered",
          subjects: ["participant/\(participant.id)", context.caller.name],
          payload: [
            "legal_id": participant.legalID, "name": participant.name.vi,
            "kind": participant.kind.protoName ?? "",
          ]))
      return IdentityV1.RegisterParticipantResponse(participant: participant.wire)
    }
  }
}

extension String {
  /// NFC: the form in which text is stored and compared.
  var normalized: String { precomposedStringWithCanonicalMapping }
}
