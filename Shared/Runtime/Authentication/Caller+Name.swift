package import RPC

extension Caller {
  /// As the audit log and the idempotency table name it: "participant/<id>", "service/<name>".
  package var name: String {
    switch self {
    case .anonymous: "anonymous"
    case .service(let name): "service/\(name)"
    case .participant(let caller): "participant/\(caller.participantID)"
    }
  }
}
