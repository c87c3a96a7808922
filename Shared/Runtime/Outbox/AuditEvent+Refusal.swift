import Model
import RPC

extension AuditEvent {
  /// What the log says of a refused call: the method as its kind ("order.place_order"), what the
  /// call said it was about, who called, and the reason.
  static func refusal(_ refusal: any DomainError, of transaction: Transaction) -> AuditEvent {
    let caller = transaction.context.caller
    var subjects = transaction.attempt.subjects
    if case .participant = caller, !subjects.contains(caller.name) { subjects.append(caller.name) }
    return AuditEvent(
      kind: kind(of: transaction.context.method), subjects: subjects, outcome: .refused,
      payload: ["reason": refusal.reason, "domain": type(of: refusal).domain])
  }

  /// "ndx.settlement.v1.OrderService", "PlaceOrder" → "order.place_order".
  static func kind(of method: MethodDescriptor) -> String {
    let service = method.service.split(separator: ".").last.map(String.init) ?? method.service
    let noun = service.hasSuffix("Service") ? String(service.dropLast("Service".count)) : service
    return String((snakeCase(noun) + "." + snakeCase(method.name)).prefix(64))
  }

  private static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { text, character in
      if character.isUppercase, !text.isEmpty { text += "_" }
      text += character.lowercased()
    }
  }
}
