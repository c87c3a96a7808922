import Model
import RPC

/// Who may call one method.
struct AccessRule {
  private let access: MethodAccess
  private let service: String

  init(_ method: MethodDescriptor) {
    access = method.access
    service = method.service
  }

  private var isHealth: Bool { service == "grpc.health.v1.Health" }

  /// Health and reflection, which every holder of a valid certificate may call.
  var isBuiltIn: Bool { isHealth || service.hasPrefix("grpc.reflection.") }

  /// Only identity's enrolment listener lets anyone in without a certificate.
  var allowsAnonymous: Bool { access.anonymous || isHealth }

  /// Throws unless a service of the exchange may call.
  func check(_ caller: Caller) throws(AccessError) {
    if isBuiltIn || access.anonymous { return }
    guard case .service(let name) = caller,
      access.services.contains("*") || access.services.contains(name)
    else { throw access.services.isEmpty ? .roleRequired : .serviceRequired }
  }

  /// Throws unless a participant with these roles, or by its certificate alone, may call.
  func check(hasToken: Bool, roles: Set<TypeV1.Role>) throws(AccessError) {
    if isBuiltIn || access.anonymous || access.certificate { return }
    guard access.participants || !access.roles.isEmpty else { throw .serviceRequired }
    guard hasToken else { throw .tokenMissing }
    guard access.participants || !roles.isDisjoint(with: access.roles) else { throw .roleRequired }
  }
}
