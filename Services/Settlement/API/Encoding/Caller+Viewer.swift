import Model
import RPC
import ServiceRuntime
import SettlementDomain

extension CallContext {
  /// The caller as the rules see it.
  func viewer() throws -> Viewer {
    switch caller {
    case .service: .exchange
    case .participant(let caller): Viewer(caller.participantID, roles: caller.roles)
    case .anonymous: throw AccessError.certificateRequired
    }
  }

  /// The calling participant. The access table lets nobody else this far.
  func participant() throws -> ParticipantCaller {
    guard case .participant(let caller) = caller else { throw AccessError.certificateRequired }
    return caller
  }
}
