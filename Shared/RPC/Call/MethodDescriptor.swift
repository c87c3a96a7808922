package import Model

/// How many messages each side of a call sends.
package enum MethodKind: Sendable, Hashable {
  case unary
  case serverStreaming
  case clientStreaming
  case bidirectional
}

/// Who may call a method, as declared beside it with `option (ndx.rules.v1.access)`.
/// A caller that matches any part may; one that matches none may not.
package struct MethodAccess: Sendable, Hashable {
  /// Callers without a certificate, on the enrolment listener.
  package let anonymous: Bool
  /// Every active participant with a token for this service.
  package let participants: Bool
  /// Every participant by certificate alone.
  package let certificate: Bool
  /// Participants that hold one of these roles.
  package let roles: [TypeV1.Role]
  /// Services by the name in their certificate; `"*"` stands for each of them.
  package let services: [String]

  package init(
    anonymous: Bool = false, participants: Bool = false, certificate: Bool = false,
    roles: [TypeV1.Role] = [], services: [String] = []
  ) {
    self.anonymous = anonymous
    self.participants = participants
    self.certificate = certificate
    self.roles = roles
    self.services = services
  }
}

/// What is known of a method before it is called; generated from the protos.
package struct MethodDescriptor: Sendable, Hashable {
  /// Full name of the service, such as `ndx.settlement.v1.OrderService`.
  package let service: String
  /// Name of the method, such as `PlaceOrder`.
  package let name: String
  /// The HTTP/2 `:path`: `/service/name`.
  package let path: String
  package let kind: MethodKind
  /// Whether a call may be repeated without changing the outcome: by `idempotency_level`, or because it carries a request id.
  package let isIdempotent: Bool
  package let access: MethodAccess

  package init(
    service: String, name: String, kind: MethodKind, isIdempotent: Bool = false,
    access: MethodAccess = MethodAccess()
  ) {
    self.service = service
    self.name = name
    self.path = "/\(service)/\(name)"
    self.kind = kind
    self.isIdempotent = isIdempotent
    self.access = access
  }
}
