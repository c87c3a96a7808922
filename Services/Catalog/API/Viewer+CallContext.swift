import CatalogDomain
import RPC
import ServiceRuntime

extension Viewer {
  /// The caller as the rules of catalog see it.
  init(_ context: CallContext) throws {
    switch context.caller {
    case .service: self = .service
    case .participant(let caller):
      self = .participant(
        caller.participantID, environment: caller.environment, roles: caller.roles)
    case .anonymous: throw AccessError.certificateRequired
    }
  }
}
