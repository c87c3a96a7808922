package import Model

/// How many messages each side of a call sends.
package enum MethodKind: Sendable, Hashable {
  case unary
  case serverStreaming
  case clientStreaming
  case bidirectional

  /// Whether the handler begins before it has a request.
  var hasStreamOfRequests: Bool { self == .clientStreaming || self == .bidirectional }
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

/// What is known of a method before it is called; generated from the protos. Copies share one object.
package struct MethodDescriptor: Sendable, Hashable {
  private final class Content: Sendable {
    let service: String
    let name: String
    let path: String
    let kind: MethodKind
    let isIdempotent: Bool
    let access: MethodAccess

    init(
      _ service: String, _ name: String, _ kind: MethodKind, _ isIdempotent: Bool,
      _ access: MethodAccess
    ) {
      self.service = service
      self.name = name
      self.path = "/\(service)/\(name)"
      self.kind = kind
      self.isIdempotent = isIdempotent
      self.access = access
    }
  }

  private let content: Content

  package init(
    service: String, name: String, kind: MethodKind, isIdempotent: Bool = false,
    access: MethodAccess = MethodAccess()
  ) {
    content = Content(service, name, kind, isIdempotent, access)
  }

  /// Full name of the service, such as `ndx.settlement.v1.OrderService`.
  package var service: String { content.service }
  /// Name of the method, such as `PlaceOrder`.
  package var name: String { content.name }
  /// The HTTP/2 `:path`: `/service/name`.
  package var path: String { content.path }
  package var kind: MethodKind { content.kind }
  /// Whether a call may be repeated without changing the outcome: by `idempotency_level`, or because it carries a request id.
  package var isIdempotent: Bool { content.isIdempotent }
  package var access: MethodAccess { content.access }

  package static func == (left: Self, right: Self) -> Bool {
    left.content === right.content
      || left.path == right.path && left.kind == right.kind
        && left.isIdempotent == right.isIdempotent && left.access == right.access
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(path) }
}
